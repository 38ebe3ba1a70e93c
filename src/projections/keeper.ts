import { reasonOf } from '../padronError.ts';
import type { Clock } from '../events/clock.ts';
import type { EventStore } from '../events/eventStore.ts';
import { isOutOfReach } from '../outOfReach.ts';
import { unfinished, withChange, withEnd, type Control, type Job } from './control.ts';
import { beginControl, changeControl } from './controlRecord.ts';
import type { Fill } from './fill.ts';
import { trackProgress } from './jobProgress.ts';
import { monotonicClock, type Clock as Timer } from './lease.ts';
import type { ProjectedView } from './projection.ts';
import type { ReadModel } from './readModel.ts';
import { runView, type Runner, type RunnerStatus } from './runner.ts';
import { swapTo, type Followed } from './swap.ts';
import { sweepGenerations, sweepVersions } from './sweep.ts';

/** How often the record is looked at for jobs, and progress is written, in milliseconds. */
const LOOK_MS = 250;
const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

export interface KeeperDependencies {
  view: ProjectedView;
  readModel: ReadModel;
  store: EventStore;
  clock: Clock;
  /** What the keeper measures its pauses and its jobs by. Left out: the monotonic clock. */
  timer?: Timer;
  /** Does the bulk of a rebuild: in this thread, or in another one. */
  fill: Fill;
  /** Told when the projection changes to stalled or paused, and back. */
  onChange(status: RunnerStatus): void;
  /** Told what becomes of jobs. */
  onJob(job: Job): void;
}

/**
 * What the holder of a view's lease does: it keeps the live generation up to date, and works on the view's unfinished job, if there is one. A rebuild
 * fills a new generation beside the live one, brings it level, and swaps the two by one compare-and-set; whatever ends this process in the middle,
 * the next holder goes on from what is stored. (docs/adr/0012)
 */
export function keepView(dependencies: KeeperDependencies): Runner {
  const { view, readModel, store, clock, timer = monotonicClock, fill, onChange, onJob } = dependencies;
  const { controls } = readModel;
  const stopping = new AbortController();
  let live: Followed | null = null;
  let trouble: string | null = null;
  let isSwept = false;

  async function follow(generation: number): Promise<Followed> {
    const projection = await view.open(generation, { readModel, store, clock });
    return { generation, projection, runner: runView({ projection, store, clock, timer, onChange }) };
  }

  const change = (decide: (control: Control) => Control | null): Promise<Control | null> =>
    changeControl(controls, view, decide);

  /** Brings the job's generation level and shows it, unless the job is paused, cancelled, or this process loses the view meanwhile. */
  async function work(job: Job, generation: number): Promise<void> {
    const leaving = new AbortController();
    const signal = AbortSignal.any([leaving.signal, stopping.signal]);
    const projection = await view.open(generation, { readModel, store, clock });
    const track = trackProgress({
      before: job.processed,
      from: (await projection.checkpoint())?.position ?? null,
      target: await store.head(),
      startMs: timer.now(),
    });
    let progress: Partial<Job> = {};
    const save = async (): Promise<void> => {
      const saved = await change((control) =>
        unfinished(control)?.state === 'running' ? withChange(control, job.id, progress) : null,
      );
      if (!saved) leaving.abort();
    };
    const saving = repeatedly(save, LOOK_MS, timer, signal);
    try {
      await fill({
        view,
        generation,
        signal,
        onProgress: (told) => {
          progress = { ...track.note(told, timer.now()), error: null };
        },
      });
      if (!signal.aborted) await save();
      if (!signal.aborted) await show(job, generation, signal);
    } finally {
      leaving.abort();
      await saving;
    }
  }

  async function show(job: Job, generation: number, signal: AbortSignal): Promise<void> {
    const next = await follow(generation);
    let isShown = false;
    try {
      isShown = await swapTo({ next, before: live, job, view, readModel, store, clock, signal });
    } finally {
      // Not shown, both are stopped: the next look follows what is live then.
      live = isShown ? next : null;
    }
  }

  /** One look at the record: follows the live generation, works on the job. */
  async function look(): Promise<void> {
    const { control } = await beginControl(view, dependencies);
    if (live?.generation !== control.live) {
      await live?.runner.stop();
      live = control.live === null ? null : await follow(control.live);
    }
    if (!isSwept) {
      await sweepGenerations(readModel, view, control);
      if (control.live !== null) await sweepVersions(readModel, view, stopping.signal);
      isSwept = true;
    }
    const job = unfinished(control);
    if (job?.state !== 'running' || job.generation === null) return;
    try {
      await work(job, job.generation);
      trouble = null;
    } catch (error) {
      const message = reasonOf(error);
      if (isOutOfReach(error)) {
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
        await timer.sleep(LOOK_MS, stopping.signal);
      } catch (error) {
        trouble = reasonOf(error);
        await timer.sleep(pause * (0.5 + Math.random() / 2), stopping.signal);
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

async function repeatedly(
  what: () => Promise<void>,
  ms: number,
  timer: Timer,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await timer.sleep(ms, signal);
    if (signal.aborted) return;
    // Where the storage does not answer, the work itself finds out, and says so.
    await what().catch(() => undefined);
  }
}
