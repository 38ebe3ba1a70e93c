import { errorOf, type BuildFailure } from '../fillThread.ts';
import { runThread, type EmbeddedFiles } from '../threads/workerThread.ts';
import { reasonOf } from '../../platform/padronError.ts';
import { ReadModelError } from '../../projections/record/readModelError.ts';
import type { DoRollWork, Pieces, RollWork } from '../../roll/wholeRoll/rollWork.ts';

/** The messages to the thread. */
export type RollOrder = { id: number } & ({ begin: RollWork } | { next: true } | { end: true });

/** The thread's answer to each `next`. */
export type RollMessage = { id: number } & (
  { piece: Uint8Array } | { done: true } | { failed: BuildFailure }
);

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

interface Waiting {
  resolve(message: RollMessage): void;
  reject(error: Error): void;
}

interface Running {
  waiting: Map<number, Waiting>;
  order(order: RollOrder): void;
  stop(): void;
  ended: Promise<void>;
  /** Set once the thread has ended: it answers no more. */
  failure: Error | null;
}

/**
 * Works on whole rolls of embedded stores in a separate thread, because every read blocks its thread
 * and would hold up requests (docs/adr/0035). The thread starts on demand. Concurrent tasks share it,
 * each at the pace of its reader, with one piece made ahead. If the thread dies, its tasks reject
 * with ReadModelError; the next task starts another thread.
 */
export function createRollThread(files: EmbeddedFiles): RollThread {
  let running: Running | null = null;
  let works = 0;
  let lastId = 0;
  let idle: NodeJS.Timeout | undefined;

  function start(): Running {
    const waiting: Running['waiting'] = new Map();
    const stopping = new AbortController();
    let order: Running['order'] = () => undefined;
    const ended = runThread('roll/rollWorker', {
      task: files,
      signal: stopping.signal,
      memory: MEMORY,
      onStart: (post) => {
        order = post;
      },
      onMessage: (message: RollMessage) => {
        const asker = waiting.get(message.id);
        waiting.delete(message.id);
        asker?.resolve(message);
      },
    }).then((death) => {
      if (running === started) running = null;
      started.failure = new ReadModelError(
        `the thread of rolls ended: ${death ? reasonOf(death) : 'no error'}`,
      );
      for (const { reject } of waiting.values()) reject(started.failure);
    });
    const stop = (): void => {
      stopping.abort();
    };
    const started: Running = { waiting, order, stop, ended, failure: null };
    return started;
  }

  /** Asks for the next piece. An error is for the caller that awaits it. */
  function nextOf({ order, waiting, failure }: Running, id: number): Promise<RollMessage> {
    const message = new Promise<RollMessage>((resolve, reject) => {
      if (failure) reject(failure);
      else waiting.set(id, { resolve, reject });
    });
    message.catch(() => undefined);
    order({ id, next: true });
    return message;
  }

  async function stop(): Promise<void> {
    clearTimeout(idle);
    const stopping = running;
    running = null;
    stopping?.stop();
    await stopping?.ended;
  }

  async function* doWork(work: RollWork): Pieces {
    clearTimeout(idle);
    works += 1;
    const thread = (running ??= start());
    const id = (lastId += 1);
    try {
      thread.order({ id, begin: work });
      for (let ahead = nextOf(thread, id); ;) {
        const message = await ahead;
        if ('failed' in message) throw errorOf(message.failed);
        if ('done' in message) return;
        ahead = nextOf(thread, id);
        yield message.piece;
      }
    } finally {
      thread.order({ id, end: true });
      works -= 1;
      if (works === 0) {
        idle = setTimeout(() => void stop(), MAX_IDLE_MS);
        idle.unref();
      }
    }
  }

  return { doWork, stop };
}
