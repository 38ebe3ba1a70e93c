import type { EventStore } from '../events/eventStore.ts';
import {
  buildInThisThread,
  type BuildGeneration,
  type BuilderOver,
  type BuildProgress,
} from '../projections/rebuild/buildGeneration.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { startAnsweringThread, type AnsweringThread } from './threads/answeringThread.ts';
import { errorOf, type ThreadFailure } from './threads/threadFailure.ts';
import type { EmbeddedFiles } from './threads/workerThread.ts';

/** The stores that the thread opens. */
export interface StorePlaces extends EmbeddedFiles {
  /** Null: the embedded one. */
  eventStoreUrl: string | null;
  /** Null: the embedded one. */
  mongoUrl: string | null;
}

/** The messages to and from the thread, each about one build. */
export type BuildOrder = { build: number; view: ViewDeclaration; generation: number } | { leave: number };
export type BuildReport = { progress: BuildProgress } | { failed: ThreadFailure } | { isDone: true };

/**
 * Builds generations in one thread, so that reading, decoding and folding a long log does not hold up
 * requests. Builds that begin together share one reading (docs/adr/0034). The thread runs while there
 * are builds. Errors as for buildGeneration; if the thread dies, ReadModelError.
 */
export function buildTogetherInThread(places: StorePlaces): BuildGeneration {
  let thread: AnsweringThread<BuildOrder, BuildReport> | null = null;
  let builds = 0;
  let lastBuild = 0;

  return async ({ view: { name, version }, generation, signal, onProgress }) => {
    if (!thread || thread.hasEnded())
      thread = startAnsweringThread('buildsWorker', { of: 'the builds', task: places });
    const { ask, tell } = thread;
    const build = (lastBuild += 1);
    const leave = (): void => {
      tell({ leave: build });
    };
    builds += 1;
    signal.addEventListener('abort', leave);
    try {
      const asked = ask({ build, view: { name, version }, generation }, (report) => {
        if ('progress' in report) onProgress(report.progress);
      });
      if (signal.aborted) leave();
      const report = await asked;
      if ('failed' in report) throw errorOf(report.failed);
    } finally {
      signal.removeEventListener('abort', leave);
      builds -= 1;
      if (builds === 0) {
        const ending = thread;
        thread = null;
        // Until then, it has the generations open.
        await ending.stop();
      }
    }
  };
}

/**
 * Builds each generation of embedded views in its own thread: the stores block their threads, so the
 * processors share the work (docs/benchmarks.md has the figures).
 */
export const buildInThread =
  (files: EmbeddedFiles): BuildGeneration =>
  (task) =>
    buildTogetherInThread({ ...files, eventStoreUrl: null, mongoUrl: null })(task);

/** An EventStoreDB log that ends before this position, in bytes, is read faster than a thread starts. */
const MAX_SHORT_LOG_BYTES = 4n * 1024n * 1024n;
/** The same for a log that counts its events. */
const MAX_SHORT_LOG_EVENTS = 5_000;

/** Builds by means of `inThread`, or in this thread if the log is short. */
export function buildBySize(inThread: BuildGeneration, stores: Parameters<BuilderOver>[0]): BuildGeneration {
  const here = buildInThisThread(stores);
  return async (task) => {
    await ((await isShort(stores.store)) ? here : inThread)(task);
  };
}

async function isShort(store: EventStore): Promise<boolean> {
  const events = await store.countAfter(null);
  if (events !== null) return events <= MAX_SHORT_LOG_EVENTS;
  return ((await store.head()) ?? 0n) < MAX_SHORT_LOG_BYTES;
}
