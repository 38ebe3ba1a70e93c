import { createBackoff } from '../../platform/backoff.ts';
import type { MonotonicClock } from '../../platform/clock.ts';
import { isUnreachable } from '../../platform/storeError.ts';
import { reasonOf } from '../../platform/padronError.ts';
import {
  neededGenerations,
  STANDSTILL,
  unfinished,
  withChange,
  withEnd,
  withoutGeneration,
  withRebuild,
  withReport,
  type ViewRecord,
  type Job,
} from '../record/viewRecord.ts';
import { DamagedViewError } from '../record/readModelError.ts';
import { changeViewRecord, readViewRecord } from '../record/recordAccess.ts';
import type { BuildGeneration } from '../rebuild/buildGeneration.ts';
import { beginViewRecord, reportOfFirstBuild, type FirstBuilds } from './firstBuild.ts';
import { workOnJob } from '../rebuild/jobWork.ts';
import type { ProjectedView, ViewStores } from '../folding/projection.ts';
import { followLog, type LogFollower } from '../following/followLog.ts';
import { isBlocked, type FollowerStatus, type Report } from '../record/followerStatus.ts';
import type { Followed, LiveFollowed } from '../rebuild/swap.ts';
import { sweepGenerations, sweepVersions } from './sweep.ts';
import { reportOf } from '../following/whyPaused.ts';
import { tracedJob } from '../../tracing/tracedEvents.ts';

/** Milliseconds between checks of the record for jobs: more while it does not change. */
const POLL_MS = 250;
const IDLE_POLL_MS = 1_000;
/** Checks without a change after which the view counts as idle. */
const POLLS_UNTIL_IDLE = 8;
const PAUSE_MS = { minMs: 200, maxMs: 5_000 };

interface MaintainViewDependencies extends ViewStores {
  view: ProjectedView;
  /** Measures pauses and jobs. */
  timer: MonotonicClock;
  /** Builds generations, in this thread or in another. */
  fill: BuildGeneration;
  /** When a failed first build is restarted. */
  firstBuilds: FirstBuilds;
  /** Called when the projection changes to stalled or paused, and back. */
  onChange(status: FollowerStatus): void;
  /** Called when a job's state changes. */
  onJob(job: Job): void;
  /** Called with each error after which it tries again. */
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * What the holder of a view's lease does: keeps the current generation up to date, runs the view's
 * unfinished job, if any, and reports the view's state in its record for the waiting instances. A
 * rebuild builds a new generation next to the current one, catches it up, and swaps the two by one
 * compare-and-set; wherever this process ends, the next holder continues from what is stored. A
 * view that was never shown is built until that succeeds. (docs/adr/0012, docs/adr/0019)
 */
export function maintainView(dependencies: MaintainViewDependencies): LogFollower {
  const { view, readModel, store, clock, timer, firstBuilds, onChange, onJob, onError } = dependencies;
  const { controls } = readModel;
  const stopping = new AbortController();
  const backoff = createBackoff({ ...PAUSE_MS, clock: timer });
  const live: LiveFollowed = { current: null };
  let seen: ViewRecord | null = null;
  let trouble: Report | null = null;
  let areVersionsSwept = false;
  /** The generations that were needed at the last sweep. */
  let sweptTo: string | null = null;

  async function follow(generation: number): Promise<Followed> {
    const projection = await view.open(generation, dependencies, { mustExist: true });
    const runner = followLog({ consumer: projection, store, clock, timer, onChange, onError });
    return { generation, projection, runner };
  }

  const change = (decide: (control: ViewRecord) => ViewRecord | null): Promise<ViewRecord | null> =>
    changeViewRecord(controls, view, decide);

  /** Follows the current generation; if its data is damaged or lost, begins to rebuild it and rejects. */
  async function followCurrent(generation: number): Promise<Followed> {
    try {
      return await follow(generation);
    } catch (error) {
      if (error instanceof DamagedViewError) {
        const about = { generation, reason: error.message, at: clock.now() };
        await change((now) => withoutGeneration(now, view, about));
      }
      throw error;
    }
  }

  function status(): FollowerStatus {
    if (live.current) return live.current.runner.status();
    return { ...(trouble ?? reportOfFirstBuild(seen)), position: null };
  }

  /** Checks the record once: follows the current generation, runs the job. Returns the stamp. */
  async function look(): Promise<number> {
    const { control, stamp } = await beginViewRecord(view, dependencies);
    seen = control;
    if (live.current?.generation !== control.live) {
      await live.current?.runner.stop();
      live.current = null;
      if (control.live !== null) live.current = await followCurrent(control.live);
    }
    await sweep(control);
    if (await firstBuilds.isDue(control)) {
      const begin = (now: ViewRecord): ViewRecord | null =>
        now.live === null ? withRebuild(now, view, clock.now()) : null;
      seen = (await change(begin)) ?? control;
    }
    const job = unfinished(seen);
    if (job?.state === 'running' && job.generation !== null) await work(job, job.generation);
    await saveReport();
    return stamp;
  }

  /** Reports the view's state for the waiting instances. */
  async function saveReport(): Promise<void> {
    if (!seen || !withReport(seen, status())) return;
    seen = (await change((now) => withReport(now, status()))) ?? seen;
  }

  /** Removes what is not needed, at first and when that may have changed: any instance may cancel a job. */
  async function sweep(control: ViewRecord): Promise<void> {
    const needed = neededGenerations(control).join();
    if (needed !== sweptTo) await sweepGenerations(readModel, view, control);
    sweptTo = needed;
    if (!areVersionsSwept && control.live !== null) await sweepVersions(readModel, view, stopping.signal);
    areVersionsSwept = true;
  }

  function onSave(control: ViewRecord): void {
    seen = control;
    if (unfinished(control)?.error === null) setTrouble(null);
  }

  async function work(job: Job, generation: number): Promise<void> {
    const stop = stopping.signal;
    try {
      await tracedJob(job, () =>
        workOnJob({ ...dependencies, job, generation, live, follow, status, onSave, stop }),
      );
      trouble = null;
    } catch (error) {
      if (isUnreachable(error) || isBlocked(reportOf(error))) throw error;
      await change((now) => withEnd(now, job.id, 'failed', clock.now(), { error: reasonOf(error) }));
    }
    await reportEnd(job.id);
  }

  /** Reports in the running job what stops it, whether or not its work had begun. */
  async function reportOnJob(reason: string): Promise<void> {
    const noted = await change((now) => {
      const job = unfinished(now);
      const isNew = job?.state === 'running' && job.error !== reason;
      return isNew ? withChange(now, job.id, { error: reason, ...STANDSTILL }) : null;
    });
    const job = noted && unfinished(noted);
    if (job) onJob(job);
  }

  async function reportEnd(id: string): Promise<void> {
    seen = await readViewRecord(controls, view);
    const job = seen?.jobs.find((one) => one.id === id);
    if (job) onJob(job);
    areVersionsSwept = false;
    sweptTo = null;
  }

  function setTrouble(error: unknown): void {
    const before = trouble?.lastError ?? null;
    trouble = error === null ? null : reportOf(error);
    if ((trouble?.lastError ?? null) !== before && !live.current) onChange(status());
  }

  async function run(): Promise<void> {
    let stamp: number | null = null;
    let quietPolls = 0;
    while (!stopping.signal.aborted) {
      try {
        const found = await look();
        setTrouble(null);
        backoff.reset();
        quietPolls = found === stamp ? quietPolls + 1 : 0;
        stamp = found;
        await timer.sleep(quietPolls < POLLS_UNTIL_IDLE ? POLL_MS : IDLE_POLL_MS, stopping.signal);
      } catch (error) {
        setTrouble(error);
        onError?.(error);
        await reportOnJob(reasonOf(error)).catch(() => undefined);
        await saveReport().catch(() => undefined);
        await backoff.pause(stopping.signal);
      }
    }
    await live.current?.runner.stop();
  }

  const running = run();
  return {
    status,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
