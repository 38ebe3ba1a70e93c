/** Calls `action` at most once in `ms` milliseconds: calls in between are dropped, even the last one. */
export function atMostEvery<Value>(ms: number, action: (value: Value) => void): (value: Value) => void {
  let lastAt = -Infinity;
  return (value) => {
    const now = performance.now();
    if (now - lastAt < ms) return;
    lastAt = now;
    action(value);
  };
}
