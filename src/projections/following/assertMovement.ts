import { PadronError } from '../../platform/padronError.ts';
import { withinMs } from '../../platform/deadline.ts';
import type { EventStore, Position } from '../../events/eventStore.ts';
import type { MonotonicClock } from '../../platform/clock.ts';
import { hasReached } from '../record/viewDeclaration.ts';

/** Milliseconds between checks of a follower; the head is asked for after that long without news. */
const POLL_MS = 10_000;
/** A follower that is behind is stuck after this many milliseconds: stores answer or fail sooner. */
const MAX_STILL_MS = 30_000;

export type Movement = ReturnType<typeof createMovement>;

/** What a follower of the log last did. */
export function createMovement(timer: Pick<MonotonicClock, 'now'>) {
  let position: Position | null | undefined;
  let since = timer.now();
  function move(to: Position | null | undefined): void {
    position = to;
    since = timer.now();
  }
  return {
    /** It is processing a batch. */
    work(): void {
      move(undefined);
    },
    /** It has applied everything up to this position and waits for the next batch. */
    wait: move,
    /** `position` is undefined while a batch is being processed. */
    seen: () => ({ position, stillMs: timer.now() - since }),
  };
}

/** A follower neither moves nor fails, although it has work to do. */
const standstill = (what: string): PadronError =>
  new PadronError(`${what} for ${MAX_STILL_MS / 1_000} s: following again`);

/**
 * Watches a follower until the signal aborts. Rejects with PadronError if it has a batch or is
 * behind the end of the log and has not moved for 30 s; with EventStoreError if it waits for an
 * event store that does not answer.
 */
export async function assertMovement(
  movement: Pick<Movement, 'seen'>,
  { store, timer, signal }: { store: Pick<EventStore, 'head'>; timer: MonotonicClock; signal: AbortSignal },
): Promise<void> {
  let behind = null as { position: Position | null; since: number } | null;
  for (;;) {
    await timer.sleep(POLL_MS, signal);
    if (signal.aborted) return;
    const { position, stillMs } = movement.seen();
    if (position === undefined && stillMs >= MAX_STILL_MS) throw standstill('no store has answered');
    if (position === undefined || stillMs < POLL_MS || !(await hasMore(store, position, timer))) {
      behind = null;
    } else if (behind?.position !== position) {
      behind = { position, since: timer.now() };
    } else if (timer.now() - behind.since >= MAX_STILL_MS && movement.seen().position === position) {
      throw standstill('the event store has delivered nothing of what it holds');
    }
  }
}

async function hasMore(
  store: Pick<EventStore, 'head'>,
  after: Position | null,
  timer: MonotonicClock,
): Promise<boolean> {
  const head = await withinMs(POLL_MS, (deadline) => store.head({ deadline }), timer);
  return !hasReached(after, head);
}
