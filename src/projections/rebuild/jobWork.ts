import {
  STANDSTILL,
  unfinished,
  withChange,
  withReport,
  type ViewRecord,
  type Job,
} from '../record/viewRecord.ts';
import type { Report } from '../record/followerStatus.ts';
import { changeViewRecord } from '../record/recordAccess.ts';
import type { BuildGeneration } from './buildGeneration.ts';
import { shareOfBuild, trackProgress } from './jobProgress.ts';
import { runningClock, type MonotonicClock } from '../../platform/clock.ts';
import { runEvery } from '../../platform/concurrency/runEvery.ts';
import { swapTo, type Followed, type Swap } from './swap.ts';

/** How often progress is saved and a pause or cancellation noticed, in milliseconds. */
const SAVE_MS = 250;
/** A job that has not moved for this many milliseconds reports it. */
const MAX_SILENT_MS = 10_000;

interface JobWork extends Omit<Swap, 'next' | 'signal'> {
  timer: MonotonicClock;
  fill: BuildGeneration;
  /** The generation that the job builds. */
  generation: number;
  follow(generation: number): Promise<Followed>;
  /** The view's status meanwhile. */
  status(): Report;
  /** Called with the record each time progress was saved. */
  onSave(control: ViewRecord): void;
  /** Aborts when this process stops or loses the view. */
  stop: AbortSignal;
}

/**
 * Runs a view's job until it is done, paused or cancelled, or `stop` aborts: builds and seals its
 * generation, catches it up and shows it, and saves the progress in the record. Rejects as
 * buildGeneration and swapTo do.
 */
export async function workOnJob(work: JobWork): Promise<void> {
  const { view, store, timer, fill, job, generation, stop } = work;
  const leaving = new AbortController();
  const signal = AbortSignal.any([leaving.signal, stop]);
  const isOver = (): boolean => signal.aborted;
  const projection = await view.open(generation, work);
  const position = (await projection.checkpoint())?.position ?? 0n;
  const target = await store.head();
  const share = shareOfBuild({ position }, target);
  const track = trackProgress({ before: job.processed, share, startMs: timer.now() });
  // While this process gets no time, the build does not either.
  const running = runningClock(timer);
  let movedMs = running.now();
  let error = (): string | null => errorOf(job, track.at(timer.now()).processed, running.now() - movedMs);
  const save = async (): Promise<void> => {
    const reason = error();
    const rate = reason === null ? {} : STANDSTILL;
    const progress = { ...track.at(timer.now()), ...rate, error: reason };
    if (!(await saveProgress(work, progress))) leaving.abort();
  };
  // If the storage does not answer, the work itself finds out and reports it.
  const saving = runEvery(save, SAVE_MS, running, signal);
  try {
    await fill({
      view,
      generation,
      signal,
      onProgress: (progress) => {
        const moves = track.moves();
        track.note({ events: progress.events, share: shareOfBuild(progress, target) }, timer.now());
        if (track.moves() > moves) movedMs = running.now();
      },
    });
    if (!isOver()) await save();
    if (isOver()) return;
    const next = await work.follow(generation);
    error = () => next.runner.status().lastError;
    await swapTo({ ...work, next, signal });
  } finally {
    leaving.abort();
    await saving;
    // A job that this process leaves does not move until the next holder takes it up.
    await changeViewRecord(work.readModel.controls, view, (control) => {
      const left = unfinished(control);
      return left && hasChanged(left, STANDSTILL) ? withChange(control, job.id, STANDSTILL) : null;
    }).catch(() => null);
  }
}

/** What stops the build; null while it moves. */
function errorOf(job: Job, processed: number, silentMs: number): string | null {
  if (processed <= job.processed && job.error !== null) return job.error;
  return silentMs >= MAX_SILENT_MS ? `has not moved for more than ${MAX_SILENT_MS / 1_000} s` : null;
}

/** False if the job is no longer running. */
async function saveProgress(work: JobWork, progress: Partial<Job>): Promise<boolean> {
  let isRunning = false;
  const saved = await changeViewRecord(work.readModel.controls, work.view, (control) => {
    const job = unfinished(control);
    isRunning = job?.id === work.job.id && job.state === 'running';
    if (!job || !isRunning) return null;
    const moved = hasChanged(job, progress) ? withChange(control, job.id, progress) : null;
    return withReport(moved ?? control, work.status()) ?? moved;
  });
  if (saved) work.onSave(saved);
  return isRunning;
}

const hasChanged = (job: Job, change: Partial<Job>): boolean =>
  Object.entries(change).some(([name, value]) => job[name as keyof Job] !== value);
