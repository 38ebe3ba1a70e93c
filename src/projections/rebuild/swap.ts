import { PadronError } from '../../platform/padronError.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EventStore, Position } from '../../events/eventStore.ts';
import { waitUnlessAborted } from '../../platform/aborted.ts';
import { withSwap, type Job } from '../record/viewRecord.ts';
import { waitUntilCaughtUp } from '../following/waitUntilCaughtUp.ts';
import type { Projection, ProjectedView, ViewStores } from '../folding/projection.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';
import type { LogFollower } from '../following/followLog.ts';
import { belongsToLog } from '../following/logIdentity.ts';
import { BlockedError } from '../following/whyPaused.ts';
import { isBlocked } from '../record/followerStatus.ts';

/** Pause after others changed the record or moved the current generation, in milliseconds. */
const RETRY_MS = 20;

/** A generation that is being followed. */
export interface Followed {
  generation: number;
  projection: Projection;
  runner: LogFollower;
}

/** What the view's status is taken from: the follower of the current generation, if there is one. */
export interface LiveFollowed {
  current: Followed | null;
}

export interface Swap extends ViewStores {
  next: Followed;
  /** Becomes `next`, or null if the swap fails: then the caller follows the current generation again. */
  live: LiveFollowed;
  job: Job;
  view: ProjectedView;
  signal: AbortSignal;
}

/**
 * Shows another generation: it follows the log next to the current one until it is not behind; then
 * the record changes by compare-and-set and the job is done. False, with both followers stopped, if
 * the job is no longer running or the signal aborts. They are also stopped when this rejects: with
 * BlockedError if the new generation is blocked, with PadronError if it is paused for another reason,
 * with the stores' errors.
 */
export async function swapTo(swap: Swap): Promise<boolean> {
  const { next, live } = swap;
  const before = live.current;
  let isShown = false;
  try {
    isShown = await show(swap, before);
    return isShown;
  } finally {
    if (!isShown) await Promise.all([next.runner.stop(), before?.runner.stop()]);
    live.current = isShown ? next : null;
  }
}

async function show(
  { next, live: followed, job, view, readModel, store, clock, signal }: Swap,
  before: Followed | null,
): Promise<boolean> {
  const { controls } = readModel;
  const isOver = (): boolean => signal.aborted;

  const shown = await view.shown(readModel).checkpoint();
  await reach(next, await shownPosition(store, shown), clock, signal);
  // From here on this process no longer moves the old generation, so the new one has to reach it
  // only once, and its follower reports the view's state.
  await before?.runner.stop();
  if (before) followed.current = next;
  while (!isOver()) {
    // Read the record and the current checkpoint once: the new generation reaches this state, and
    // the change is guarded by it.
    const stored = await controls.read(view);
    const live = stored?.control.live ?? null;
    const current =
      live === null ? null : await view.open(live, { readModel, store, clock }, { mustExist: true });
    const checkpoint = (await current?.checkpoint()) ?? null;
    await reach(next, await shownPosition(store, checkpoint), clock, signal);
    const to = stored && withSwap(stored.control, job.id, clock.now());
    if (!to || isOver()) return false;
    await next.projection.settle(live !== null);
    if (isOver()) return false;
    const guard = live === null ? undefined : { generation: live, checkpoint };
    if (await controls.replace(view, stored, to, guard)) return true;
    await waitUnlessAborted(clock, RETRY_MS, signal);
  }
  return false;
}

/** The position that readers may have seen; null for a generation built from a different log. */
async function shownPosition(store: EventStore, checkpoint: Checkpoint | null): Promise<Position | null> {
  return checkpoint && (await belongsToLog(store, checkpoint)) ? checkpoint.position : null;
}

/** Waits until the generation has reached the position or the signal aborts; rejects if it cannot. */
function reach(
  { projection, runner }: Followed,
  position: Position | null,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  return waitUntilCaughtUp(projection, position, clock, signal, () => {
    const status = runner.status();
    if (status.state !== 'paused') return false;
    const reason = status.lastError ?? 'the new generation is paused';
    throw isBlocked(status) ? new BlockedError(reason, status.needs) : new PadronError(reason);
  });
}
