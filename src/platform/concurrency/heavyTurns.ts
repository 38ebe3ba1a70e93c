/**
 * Shares the event loop between pieces of heavy work, such as the steps of searches and exports: one
 * piece per tick however many callers have some, so that other requests are answered in between.
 */
export interface HeavyTurns {
  /** Resolves in a later tick that belongs to no other piece; first come, first served. */
  next(): Promise<void>;
}

export function createHeavyTurns(): HeavyTurns {
  const waiting: (() => void)[] = [];

  function giveTurn(): void {
    waiting.shift()?.();
    if (waiting.length > 0) setImmediate(giveTurn);
  }

  return {
    next: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        if (waiting.length === 1) setImmediate(giveTurn);
      }),
  };
}

/** The turns of this thread. One per thread, like the event loop. */
export const heavyTurns = createHeavyTurns();
