import { errorOf, type ThreadFailure } from '../threads/threadFailure.ts';
import { startAnsweringThread, type AnsweringThread } from '../threads/answeringThread.ts';
import type { EmbeddedFiles } from '../threads/workerThread.ts';
import type { DoRollWork, Pieces, RollWork } from '../../roll/wholeRoll/rollWork.ts';

/** The messages to the thread. */
export type RollOrder = { work: number } & ({ begin: RollWork } | { next: true } | { end: true });

/** The thread's answer to each `next`. */
export type RollAnswer = { piece: Uint8Array } | { done: true } | { failed: ThreadFailure };

/** How long an idle thread is kept, in milliseconds: starting one takes longer than a small roll. */
const MAX_IDLE_MS = 10_000;

/**
 * The young generation cannot grow, and the old one is collected early, although the work never needs
 * its limit. By default a first file takes 30 MiB more (docs/benchmarks-roll.md).
 */
const MEMORY = { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512 };

/** A thread for work on whole rolls. */
export interface RollThread {
  doWork: DoRollWork;
  /** Ends the thread; work in progress rejects with ReadModelError. */
  stop(): Promise<void>;
}

/**
 * Works on whole rolls of embedded stores in a separate thread, because every read blocks its thread
 * and would hold up requests (docs/adr/0035). The thread starts on demand. Concurrent tasks share it,
 * each at the pace of its reader, with one piece made ahead. If the thread dies, its tasks reject
 * with ReadModelError; the next task starts another thread.
 */
export function createRollThread(files: EmbeddedFiles): RollThread {
  let running: AnsweringThread<RollOrder, RollAnswer> | null = null;
  let works = 0;
  let lastWork = 0;
  let idle: NodeJS.Timeout | undefined;

  /** The thread, started where there is none or it has died. */
  function thread(): AnsweringThread<RollOrder, RollAnswer> {
    if (!running || running.hasEnded())
      running = startAnsweringThread('roll/rollWorker', { of: 'rolls', task: files, memory: MEMORY });
    return running;
  }

  async function stop(): Promise<void> {
    clearTimeout(idle);
    const stopping = running;
    running = null;
    await stopping?.stop();
  }

  async function* doWork(task: RollWork): Pieces {
    clearTimeout(idle);
    works += 1;
    const { ask, tell } = thread();
    const work = (lastWork += 1);
    /** Asks for the next piece. An error is for the caller that awaits it. */
    const next = (): Promise<RollAnswer> => {
      const answer = ask({ work, next: true });
      answer.catch(() => undefined);
      return answer;
    };
    try {
      tell({ work, begin: task });
      for (let ahead = next(); ;) {
        const answer = await ahead;
        if ('failed' in answer) throw errorOf(answer.failed);
        if ('done' in answer) return;
        ahead = next();
        yield answer.piece;
      }
    } finally {
      tell({ work, end: true });
      works -= 1;
      if (works === 0) {
        idle = setTimeout(() => void stop(), MAX_IDLE_MS);
        idle.unref();
      }
    }
  }

  return { doWork, stop };
}
