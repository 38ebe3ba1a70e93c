import { type Clock, monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import { hasReached } from '../record/viewDeclaration.ts';

/** Pauses between checks of a view, in milliseconds: short at first, as most are almost caught up. */
const PAUSE_MS = { first: 10, factor: 1.5, max: 50 };

/** A check that has not answered within this many milliseconds is not shared with later callers. */
const MAX_SHARED_MS = 1_000;

/** A view's position; concurrent callers share the checks. `onLook` gets each position that is read. */
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
}) {
  /** The highest position seen: a shown view never goes back. */
  let seen: Position | null = null;
  let underWay: { began: number; answer: Promise<Position | null> } | null = null;
  /** The next check after a pause, shared by all callers that wait. */
  let next: Promise<unknown> | null = null;

  async function lookNow(): Promise<Position | null> {
    const position = (await checkpoint())?.position ?? null;
    if (position === null) return null;
    if (seen === null || position > seen) seen = position;
    onLook(position);
    return position;
  }

  /** Reads the view's checkpoint; null if nothing is applied. */
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

  /** Whether the view has reached `position`. Reads nothing if an earlier check has seen it. */
  const isReached = async (position: Position): Promise<boolean> =>
    hasReached(seen, position) || hasReached(await look(), position);

  function lookAfter(pauseMs: number): Promise<unknown> {
    next ??= clock
      .wait(pauseMs)
      .then(look)
      .finally(() => (next = null));
    return next;
  }

  async function wait(position: Position, ms: number): Promise<boolean> {
    const over = new AbortController();
    const limit = timer.sleep(ms, over.signal).then(() => {
      over.abort();
    });
    let pause = PAUSE_MS.first;
    try {
      while (!over.signal.aborted && !hasReached(seen, position)) {
        await Promise.race([lookAfter(pause), limit]);
        pause = Math.min(pause * PAUSE_MS.factor, PAUSE_MS.max);
      }
    } finally {
      over.abort();
    }
    return hasReached(seen, position);
  }

  return {
    look,
    hasReached: isReached,
    /** Waits until the view has reached `position`, at most `maxWaitMs` and one check. */
    async reaches(position: Position, maxWaitMs: number): Promise<boolean> {
      const end = timer.now() + maxWaitMs;
      if (await isReached(position)) return true;
      const left = end - timer.now();
      return left > 0 ? wait(position, left) : false;
    },
  };
}
