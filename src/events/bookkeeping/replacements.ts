import { LogReplacedError } from '../eventErrors.ts';

/**
 * Notifies the holders of cached state that the log became a different log, or an older state of
 * itself.
 */
export interface Replacements {
  /** Calls `listener` at each replacement, before any later call is answered. */
  listen(listener: () => void): void;
  /** Reports a replacement. Subscriptions that run through `during` reject with LogReplacedError. */
  happened(): void;
  /** Yields what `iterate` yields until `signal` aborts, as does the signal passed to `iterate`. */
  during<T>(signal: AbortSignal, iterate: (until: AbortSignal) => AsyncIterable<T>): AsyncGenerator<T>;
}

export function replacements(): Replacements {
  const listeners = new Set<() => void>();
  const running = new Set<AbortController>();
  return {
    listen(listener) {
      listeners.add(listener);
    },
    happened() {
      for (const controller of running) controller.abort();
      for (const listener of listeners) listener();
    },
    async *during(signal, iterate) {
      const replaced = new AbortController();
      running.add(replaced);
      try {
        for await (const item of iterate(AbortSignal.any([signal, replaced.signal]))) {
          if (replaced.signal.aborted) break;
          yield item;
        }
        if (replaced.signal.aborted && !signal.aborted) throw new LogReplacedError();
      } finally {
        running.delete(replaced);
      }
    },
  };
}
