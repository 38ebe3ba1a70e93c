import type { MonotonicClock as Clock } from '../../src/platform/clock.ts';

/** A clock that stands still until a test advances it. */
export interface ManualClock extends Clock {
  /** Resolves when `count` sleepers wait for this clock, so that the work in progress has come to rest. */
  sleeping(count: number): Promise<void>;
  /** Resolves when a sleeper waits that was put to sleep for `ms`. */
  sleepingFor(ms: number): Promise<void>;
  /** Advances by `ms` and wakes the sleepers that are due. */
  advance(ms: number): void;
  /** Advances from sleeper to sleeper until `promise` is settled. */
  until<T>(promise: Promise<T>): Promise<T>;
}

export function manualClock(): ManualClock {
  let time = 0;
  const sleepers = new Set<{ ms: number; due: number; wake: () => void }>();
  const arrived: (() => void)[] = [];

  const arrival = (): Promise<void> => new Promise((resolve) => arrived.push(resolve));
  const advance = (ms: number): void => {
    time += ms;
    for (const sleeper of sleepers) if (sleeper.due <= time) sleeper.wake();
  };

  return {
    now: () => time,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) {
          resolve();
          return;
        }
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          sleepers.delete(sleeper);
          resolve();
        };
        const sleeper = { ms, due: time + ms, wake };
        sleepers.add(sleeper);
        signal.addEventListener('abort', wake);
        for (const resume of arrived.splice(0)) resume();
      }),
    sleeping: async (count) => {
      while (sleepers.size < count) await arrival();
    },
    sleepingFor: async (ms) => {
      while (![...sleepers].some((sleeper) => sleeper.ms === ms)) await arrival();
    },
    advance,
    until: async (promise) => {
      let settled = false;
      const end = promise.then(
        () => (settled = true),
        () => (settled = true),
      );
      for (;;) {
        if (sleepers.size === 0) await Promise.race([end, arrival()]);
        await new Promise(setImmediate); // the effects of the last step may settle it
        // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by the callbacks above
        if (settled) return promise;
        // An abort may have woken the last sleeper meanwhile; without sleepers time does not advance.
        if (sleepers.size === 0) continue;
        advance(Math.min(...[...sleepers].map((sleeper) => sleeper.due)) - time);
      }
    },
  };
}
