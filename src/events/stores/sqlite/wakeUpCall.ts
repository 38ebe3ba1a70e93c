export interface WakeUpCall {
  /** Wakes everyone who waits. */
  call(): void;
  /** How many calls there have been. */
  calls(): number;
  /** Settles once there have been more calls than `seen`, or when the signal aborts; never with an error. */
  wait(seen: number, signal: AbortSignal): Promise<void>;
}

/** Lets any number of sleepers wait for the next piece of news, without missing one that came while they looked. */
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
