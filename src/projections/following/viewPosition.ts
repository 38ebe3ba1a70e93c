import { type Clock, monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import { hasReached } from '../record/viewDeclaration.ts';

/**
 * Pauses between checks of a view, in milliseconds: short at first, because most views are almost
 * caught up.
 */
const PAUSE_MS = { first: 10, factor: 1.5, max: 50 };

/** A check that has not answered within this many milliseconds is not shared with later callers. */
const MAX_SHARED_MS = 1_000;

/** A view's position, with checks shared by concurrent callers. */
export interface ViewPosition {
  /** Reads the view's checkpoint; null if nothing is applied. */
  look(): Promise<Position | null>;
  /** Whether the view has reached `position`. Reads nothing if an earlier check has seen it. */
  hasReached(position: Position): Promise<boolean>;
  /**
   * Waits until the view has reached `position`, for at most `maxWaitMs` plus one check.
   * Waiting callers share the checks.
   */
  reaches(position: Position, maxWaitMs: number): Promise<boolean>;
}

interface Waiter {
  position: Position;
  settle(hasReached: boolean): void;
  fail(error: Error): void;
}

/** `onLook` is called with each position that was read. */
export function createViewPosition({
  checkpoint,
  clock,
  timer = monotonicClock,
  onLook = () => undefined,
}: {
  checkpoint(): Promise<{ position: Position } | null>;
  clock: Clock;
  timer?: MonotonicClock;
  onLook?(position: Position): void;
}): ViewPosition {
  /** The highest position seen: a shown view never goes back. */
  let seen: Position | null = null;
  let underWay: { began: number; answer: Promise<Position | null> } | null = null;
  const waiters = new Set<Waiter>();
  let isPolling = false;

  async function lookNow(): Promise<Position | null> {
    const position = (await checkpoint())?.position ?? null;
    if (position === null) return null;
    if (seen === null || position > seen) seen = position;
    onLook(position);
    return position;
  }

  function look(): Promise<Position | null> {
    const now = timer.now();
    if (underWay && now - underWay.began < MAX_SHARED_MS) return underWay.answer;
    const own = {
      began: now,
      answer: lookNow().finally(() => (underWay = underWay === own ? null : underWay)),
    };
    underWay = own;
    return own.answer;
  }

  const isReached = async (position: Position): Promise<boolean> =>
    hasReached(seen, position) || hasReached(await look(), position);

  /** Checks, with pauses, as long as there are waiters; each ends its own wait. */
  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    try {
      for (let pause = PAUSE_MS.first; ; pause = Math.min(pause * PAUSE_MS.factor, PAUSE_MS.max)) {
        const position = await look();
        for (const waiter of waiters) if (hasReached(position, waiter.position)) waiter.settle(true);
        if (waiters.size === 0) break;
        await clock.wait(pause);
      }
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error as Error);
    } finally {
      isPolling = false;
    }
    // A waiter may have come after the last check.
    if (waiters.size > 0) void poll();
  }

  function wait(position: Position, ms: number): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const end = (): void => {
        over.abort();
        waiters.delete(waiter);
      };
      const waiter: Waiter = {
        position,
        settle(isReached) {
          end();
          resolve(isReached);
        },
        fail(error) {
          end();
          reject(error);
        },
      };
      waiters.add(waiter);
      void timer.sleep(ms, over.signal).then(() => {
        waiter.settle(false);
      });
      void poll();
    });
  }

  return {
    look,
    hasReached: isReached,
    async reaches(position, maxWaitMs) {
      const end = timer.now() + maxWaitMs;
      if (await isReached(position)) return true;
      const left = end - timer.now();
      return left > 0 ? wait(position, left) : false;
    },
  };
}
