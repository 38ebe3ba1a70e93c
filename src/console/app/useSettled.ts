import { useEffect, useRef, useState } from 'preact/hooks';

/** How long a value that changes again and again has to rest before it counts, in milliseconds. */
const REST_MS = 150;

/**
 * The value, at once after a rest, and after the last change of a quick series: holding a key down asks the server once, not at every
 * step.
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
