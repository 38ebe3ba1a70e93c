import type { Clock } from '../events/clock.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
import { withSwap, type Job } from './control.ts';
import type { Clock as Timer } from './lease.ts';
import { levelWith } from './levelWith.ts';
import type { Projection, ProjectedView } from './projection.ts';
import type { Checkpoint, ReadModel } from './readModel.ts';
import type { Runner } from './runner.ts';
import { isOfLog } from './sameLog.ts';

/** How often it is looked whether the new generation can still get there, in milliseconds. */
const LOOK_MS = 250;

/** A generation that is being brought level and kept so. */
export interface Followed {
  generation: number;
  projection: Projection;
  runner: Runner;
}

/**
 * Shows another generation: it follows the log beside the live one until it is not behind it, then the record moves by compare-and-set, and the
 * job is done. False, with `next` and `before` stopped, when the job is not running any more or the signal aborts; so they are when this
 * rejects: with an Error when an event came that only a newer padron knows, with what the stores throw.
 */
export async function swapTo({
  next,
  before,
  job,
  view,
  readModel,
  store,
  clock,
  timer,
  signal,
}: {
  next: Followed;
  /** What has followed the live generation until now. */
  before: Followed | null;
  job: Job;
  view: ProjectedView;
  readModel: ReadModel;
  store: EventStore;
  clock: Clock;
  timer: Timer;
  signal: AbortSignal;
}): Promise<boolean> {
  const { controls } = readModel;
  const checkpointOf = async (generation: number): Promise<Checkpoint | null> =>
    (await view.open(generation, { readModel, store, clock })).checkpoint();

  /** Where the shown generation stands in this log: one that was built from another log holds nobody back. */
  async function standing(): Promise<Position | null> {
    const checkpoint = await view.shown(readModel).checkpoint();
    return checkpoint && (await isOfLog(store, checkpoint)) ? checkpoint.position : null;
  }

  async function swap(): Promise<boolean> {
    await reach(next, await standing(), { clock, timer, signal });
    // From here on nobody moves the old generation, so that no reader has seen more than the new one will have.
    await before?.runner.stop();
    for (;;) {
      await reach(next, await standing(), { clock, timer, signal });
      const stored = await controls.read(view);
      const to = stored && !signal.aborted ? withSwap(stored.control, job.id, clock.now()) : null;
      if (!stored || !to) return false;
      const { live } = stored.control;
      const guard = live === null ? undefined : { generation: live, checkpoint: await checkpointOf(live) };
      if (await controls.replace(view, stored, to, guard)) return true;
    }
  }

  let isShown = false;
  try {
    isShown = await swap();
    return isShown;
  } finally {
    if (!isShown) await Promise.all([next.runner.stop(), before?.runner.stop()]);
  }
}

/** Resolves when the generation has reached the position, or the signal aborts. Rejects when it cannot get there. */
async function reach(
  { projection, runner }: Followed,
  position: Position | null,
  { clock, timer, signal }: { clock: Clock; timer: Timer; signal: AbortSignal },
): Promise<void> {
  const over = new AbortController();
  const waiting = AbortSignal.any([over.signal, signal]);
  const level = levelWith(projection, position, clock, waiting).then(() => {
    over.abort();
  });
  for (;;) {
    await timer.sleep(LOOK_MS, waiting);
    if (waiting.aborted) break;
    const { state, lastError } = runner.status();
    if (state !== 'paused') continue;
    over.abort();
    throw new Error(lastError ?? 'the new generation is paused');
  }
  await level;
}
