export interface WakeUpCall {
  /** Wakes all waiters. */
  call(): void;
  /** The number of calls so far. */
  calls(): number;
  /** Resolves once there were more calls than `seen`, or when the signal aborts; never rejects. */
  wait(seen: number, signal: AbortSignal): Promise<void>;
}

/**
 * Lets any number of waiters wait for the next call without missing one that came while they were
 * busy.
 */
export function appendSignal(): WakeUpCall {
  let calls = 0;
  let sleepers = new Set<() => void>();
  return {
    call() {
      calls += 1;
      const woken = sleepers;
      sleepers = new Set();
      for (const wake of woken) wake();
    },
    calls: () => calls,
    wait: (seen, signal) =>
      new Promise((resolve) => {
        if (calls !== seen || signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          sleepers.delete(wake);
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
        sleepers.add(wake);
      }),
  };
}
