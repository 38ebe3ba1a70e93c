import { useEffect, useRef, useState } from 'preact/hooks';

/** Milliseconds for which a rapidly changing value must be unchanged before it counts. */
const REST_MS = 150;

/**
 * The value, delayed: the first change after a rest counts at once, later ones when the quick series
 * has ended. So holding a key down does not ask the server at every step.
 */
export function useSettled<Value>(value: Value): Value {
  const [, render] = useState(0);
  const { current: kept } = useRef({ settled: value, seen: value, changedAt: -Infinity });
  if (kept.seen !== value) {
    const now = performance.now();
    if (now - kept.changedAt > REST_MS) kept.settled = value;
    kept.seen = value;
    kept.changedAt = now;
  }
  useEffect(() => {
    if (kept.settled === value) return;
    const timer = setTimeout(() => {
      kept.settled = value;
      render((count) => count + 1);
    }, REST_MS);
    return () => {
      clearTimeout(timer);
    };
  }, [value]);
  return kept.settled;
}
