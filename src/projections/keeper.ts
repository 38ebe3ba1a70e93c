import type { Clock } from '../events/clock.ts';
import { EventStoreError, type EventStore, type Position } from '../events/eventStore.ts';
import {
  neededGenerations,
  NO_CONTROL,
  unfinished,
  withChange,
  withEnd,
  withRebuild,
  withSwap,
  type Control,
  type Job,
  type StoredControl,
} from './control.ts';
import type { Fill } from './fill.ts';
import { trackProgress } from './jobProgress.ts';
import { monotonicClock } from './lease.ts';
import { levelWith } from './levelWith.ts';
import type { Projection, ProjectedView } from './projection.ts';
import { ReadModelError, type ReadModel, type ViewDeclaration } from './readModel.ts';
import { runView, type Runner, type RunnerStatus } from './runner.ts';
import { isOfLog } from './sameLog.ts';

/** How often the record is looked at for jobs, and progress is written, in milliseconds. */
const LOOK_MS = 250;
/** A holder of a lease that died is noticed within this, in milliseconds (see the leases). */
const LONGEST_HOLDER_MS = 4_000;
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

export interface KeeperDependencies {
  view: ProjectedView;
  readModel: ReadModel;
  store: EventStore;
  clock: Clock;
  /** Does the bulk of a rebuild: in this thread, or in another one. */
  fill: Fill;
  /** Told when the projection changes to stalled or paused, and back. */
  onChange(status: RunnerStatus): void;
  /** Told what becomes of jobs. */
  onJob(job: Job): void;
}

/** A generation that is being brought level and kept so. */
interface Followed {
  generation: number;
  projection: Projection;
  runner: Runner;
}

/**
 * What the holder of a view's lease does: it keeps the live generation up to date, and works on the view's unfinished job, if there is one. A rebuild
 * fills a new generation beside the live one, brings it level, and swaps the two by one compare-and-set; whatever ends this process in the middle,
 * the next holder goes on from what is stored. (docs/adr/0012)
 */
export function keepView(dependencies: KeeperDependencies): Runner {
  const { view, readModel, store, clock, fill, onChange, onJob } = dependencies;
  const { controls } = readModel;
  const stopping = new AbortController();
  let live: Followed | null = null;
  let trouble: string | null = null;
  let isSwept = false;

  async function follow(generation: number): Promise<Followed> {
    const projection = await view.open(generation, { readModel, store, clock });
    return { generation, projection, runner: runView({ projection, store, clock, onChange }) };
  }

  /** Changes the record as often as somebody gets in between; null when `decide` sees nothing to change. */
  async function change(decide: (control: Control) => Control | null): Promise<Control | null> {
    for (;;) {
      const stored = await controls.read(view);
      const next = stored && decide(stored.control);
      if (!stored || !next) return null;
      if (await controls.replace(view, stored, next)) return next;
    }
  }

  /** The record, made where this version of the view has none: over an empty log the first generation is complete as it is. */
  async function begun(): Promise<StoredControl> {
    for (;;) {
      const stored = await controls.read(view);
      if (stored) return stored;
      const newest = Math.max(0, ...(await readModel.generations(view)));
      const empty = { ...NO_CONTROL, newest };
      const isEmptyLog = (await store.head()) === null;
      const first = isEmptyLog
        ? { ...empty, newest: newest + 1, live: newest + 1 }
        : withRebuild(empty, view, clock.now());
      if (isEmptyLog) await (await view.open(newest + 1, { readModel, store, clock })).filling().seal();
      if (first) await controls.replace(view, null, first);
    }
  }

  /**
   * Numbers are not used again, and only the kept generation is gone back to: one that is not needed never will be, even if this record is old by
   * now. One that is newer than the record may be somebody else's, who holds the lease after us.
   */
  async function sweep(control: Control): Promise<void> {
    const needed = new Set(neededGenerations(control));
    for (const generation of await readModel.generations(view)) {
      if (generation <= control.newest && !needed.has(generation)) await readModel.drop(view, generation);
    }
  }

  /**
   * Removes what versions before the one before this one have left: that one may still be running, or be gone back to. Nobody else's data is
   * touched while somebody holds its lease.
   */
  async function forgetOlder(): Promise<void> {
    const older = (await controls.versions(view.name)).filter((version) => version < view.version);
    for (const version of older.slice(0, -1)) {
      const old = { name: view.name, version };
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LONGEST_HOLDER_MS)]);
      const lease = await readModel.leases.acquire(leaseNameOf(old), { signal });
      if (!lease) continue;
      for (const generation of await readModel.generations(old)) await readModel.drop(old, generation);
      await controls.forget(old);
      await lease.release();
    }
  }

  /** Brings the job's generation level and shows it, unless the job is paused, cancelled, or this process loses the view meanwhile. */
  async function work(job: Job, generation: number): Promise<void> {
    const leaving = new AbortController();
    const signal = AbortSignal.any([leaving.signal, stopping.signal]);
    const projection = await view.open(generation, { readModel, store, clock });
    const track = trackProgress({
      before: job.processed,
      from: (await projection.checkpoint())?.position ?? null,
      target: await store.head(),
      startMs: performance.now(),
    });
    let progress: Partial<Job> = {};
    const save = async (): Promise<void> => {
      const saved = await change((control) =>
        unfinished(control)?.state === 'running' ? withChange(control, job.id, progress) : null,
      );
      if (!saved) leaving.abort();
    };
    const saving = repeatedly(save, LOOK_MS, signal);
    try {
      await fill({
        view,
        generation,
        signal,
        onProgress: (told) => {
          progress = { ...track.note(told, performance.now()), error: null };
        },
      });
      if (!signal.aborted) await save();
      if (!signal.aborted) await show(job, generation, signal);
    } finally {
      leaving.abort();
      await saving;
    }
  }

  /** The swap: the new generation follows the log beside the live one until it is not behind it, then the record moves by compare-and-set. */
  async function show(job: Job, generation: number, signal: AbortSignal): Promise<void> {
    const before = live;
    const next = await follow(generation);
    let isShown = false;
    try {
      await reach(next, (await shownCheckpoint())?.position ?? null, signal);
      // From here on nobody moves the old generation, so that no reader has seen more than the new one will have.
      await before?.runner.stop();
      for (;;) {
        const standing = await shownCheckpoint();
        await reach(next, standing?.position ?? null, signal);
        const stored = await controls.read(view);
        const to = stored && !signal.aborted ? withSwap(stored.control, job.id, clock.now()) : null;
        if (!to) return;
        const old = stored?.control.live ?? null;
        const guard = old === null ? undefined : { generation: old, checkpoint: await checkpointOf(old) };
        isShown = await controls.replace(view, stored, to, guard);
        if (isShown) break;
      }
    } finally {
      live = isShown ? next : null;
      if (!isShown) await Promise.all([next.runner.stop(), before?.runner.stop()]);
    }
  }

  /** Rejects when the generation cannot get there: an event came that only a newer padron knows. */
  async function reach(
    { projection, runner }: Followed,
    position: Position | null,
    signal: AbortSignal,
  ): Promise<void> {
    const paused = new AbortController();
    const watching = repeatedly(
      async () => {
        if (runner.status().state === 'paused') paused.abort();
      },
      LOOK_MS,
      AbortSignal.any([paused.signal, signal]),
    );
    await levelWith(projection, position, clock, AbortSignal.any([paused.signal, signal]));
    const isPaused = paused.signal.aborted;
    paused.abort();
    await watching;
    if (isPaused) throw new Error(runner.status().lastError ?? 'the new generation is paused');
  }

  const checkpointOf = async (generation: number): ReturnType<Projection['checkpoint']> =>
    (await view.open(generation, { readModel, store, clock })).checkpoint();

  /** What the shown generation has reached in this log: one that was built from another log holds nobody back. */
  async function shownCheckpoint(): ReturnType<Projection['checkpoint']> {
    const shown = await view.shown(readModel).checkpoint();
    return (await isOfLog(store, shown)) ? shown : null;
  }

  /** One look at the record: follows the live generation, works on the job. */
  async function look(): Promise<void> {
    const { control } = await begun();
    if (live?.generation !== control.live) {
      await live?.runner.stop();
      live = control.live === null ? null : await follow(control.live);
    }
    if (!isSwept) await sweep(control);
    if (!isSwept && control.live !== null) await forgetOlder();
    isSwept = true;
    const job = unfinished(control);
    if (job?.state !== 'running' || job.generation === null) return;
    try {
      await work(job, job.generation);
      trouble = null;
    } catch (error) {
      const { message } = error as Error;
      if (isTransient(error)) {
        await change((now) => withChange(now, job.id, { error: message, eventsPerSecond: 0 }));
        throw error;
      }
      await change((now) => withEnd(now, job.id, 'failed', clock.now(), { error: message }));
    }
    await tell(job.id);
  }

  async function tell(id: string): Promise<void> {
    const stored = await controls.read(view);
    const job = stored?.control.jobs.find((one) => one.id === id);
    if (job) onJob(job);
    isSwept = false;
  }

  async function run(): Promise<void> {
    let pause = SHORTEST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      try {
        await look();
        trouble = null;
        pause = SHORTEST_PAUSE_MS;
        await monotonicClock.sleep(LOOK_MS, stopping.signal);
      } catch (error) {
        trouble = (error as Error).message;
        await monotonicClock.sleep(pause * (0.5 + Math.random() / 2), stopping.signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
    }
    await live?.runner.stop();
  }

  const running = run();
  return {
    status: () =>
      live?.runner.status() ?? {
        state: trouble === null ? 'catching-up' : 'stalled',
        position: null,
        lastError: trouble,
      },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** What the lease of a view in its version is called. */
export const leaseNameOf = ({ name, version }: ViewDeclaration): string => `${name}-v${version}`;

/** What waiting and trying again may mend. */
const isTransient = (error: unknown): boolean =>
  error instanceof EventStoreError || error instanceof ReadModelError;

async function repeatedly(what: () => Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  for (;;) {
    await monotonicClock.sleep(ms, signal);
    if (signal.aborted) return;
    // Where the storage does not answer, the work itself finds out, and says so.
    await what().catch(() => undefined);
  }
}
