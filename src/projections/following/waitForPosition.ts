import type { Clock } from '../../events/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import { monotonicClock, type MonotonicClock } from '../../platform/monotonicClock.ts';

/** The pauses between two looks at a view, in milliseconds: short at first, for most views are nearly level. */
const PAUSE_MS = { first: 10, factor: 1.5, longest: 50 };

/**
 * Looks until `hasReached` says yes, for `longestWaitMs` at most, plus the first look; returns what the last look that came in time
 * said. Rejects as `hasReached` does.
 */
export async function waitForPosition(
  hasReached: () => Promise<boolean>,
  {
    clock,
    timer = monotonicClock,
    longestWaitMs,
  }: { clock: Clock; timer?: MonotonicClock; longestWaitMs: number },
): Promise<boolean> {
  const end = timer.now() + longestWaitMs;
  if (await hasReached()) return true;
  for (let pause = PAUSE_MS.first; ; pause = Math.min(pause * PAUSE_MS.factor, PAUSE_MS.longest)) {
    const left = end - timer.now();
    if (left <= 0) return false;
    await clock.wait(Math.min(pause, left));
    if (await inTime(hasReached(), end - timer.now(), timer)) return true;
  }
}

/** What `answer` settles with; false when that takes longer than `ms`. */
async function inTime(answer: Promise<boolean>, ms: number, timer: MonotonicClock): Promise<boolean> {
  if (ms === Infinity) return answer;
  const answered = new AbortController();
  try {
    return await Promise.race([answer, timer.sleep(Math.max(0, ms), answered.signal).then(() => false)]);
  } finally {
    answered.abort();
  }
}

/** A look that has no answer after so long is not waited for by those who come later, in milliseconds. */
const MAX_SHARED_MS = 1_000;

/** How far a view is shown to be, looked up once for everyone who asks at the same time. */
export interface ViewPosition {
  /** Looks at the view's checkpoint; null: nothing is applied. */
  look(): Promise<Position | null>;
  /** Whether the view has reached `position`. Asks nothing where an earlier look has seen that. */
  hasReached(position: Position): Promise<boolean>;
  /** Waits until it has, for `longestWaitMs` at most, plus one look. Everyone who waits shares the looks. */
  reaches(position: Position, longestWaitMs: number): Promise<boolean>;
}

interface Waiter {
  position: Position;
  settle(hasReached: boolean): void;
  fail(error: Error): void;
}

/** `onLook` is called with each position that was looked up. */
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
  /** The highest one seen: a view that is shown never goes back. */
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

  async function hasReached(position: Position): Promise<boolean> {
    if (seen !== null && seen >= position) return true;
    const found = await look();
    return found !== null && found >= position;
  }

  async function isNobodyWaiting(): Promise<boolean> {
    const position = await look();
    for (const waiter of waiters) if (position !== null && position >= waiter.position) waiter.settle(true);
    return waiters.size === 0;
  }

  /** Looks for as long as somebody waits: each waiter ends its own wait. */
  async function poll(): Promise<void> {
    if (isPolling) return;
    isPolling = true;
    try {
      await waitForPosition(isNobodyWaiting, { clock, timer, longestWaitMs: Infinity });
    } catch (error) {
      for (const waiter of waiters) waiter.fail(error as Error);
    } finally {
      isPolling = false;
    }
    // Somebody may have come after the last look.
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
    hasReached,
    async reaches(position, longestWaitMs) {
      const end = timer.now() + longestWaitMs;
      if (await hasReached(position)) return true;
      const left = end - timer.now();
      return left > 0 ? wait(position, left) : false;
    },
  };
}
