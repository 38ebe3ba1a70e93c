import type { BuildGeneration, BuildProgress } from '../projections/rebuild/buildGeneration.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { errorOf, type BuildFailure } from './fillThread.ts';
import { startAnsweringThread, type AnsweringThread } from './threads/answeringThread.ts';
import type { EmbeddedFiles } from './threads/workerThread.ts';

/** The stores that the thread opens, of which at least one is a server. */
export interface StorePlaces extends EmbeddedFiles {
  /** Null: the embedded one. */
  eventStoreUrl: string | null;
  /** Null: the embedded one. */
  mongoUrl: string | null;
}

/** The messages to and from the thread, each about one build. */
export type BuildOrder = { build: number; view: ViewDeclaration; generation: number } | { leave: number };
export type BuildReport = { progress: BuildProgress } | { failed: BuildFailure } | { isDone: true };

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
        void thread.stop();
        thread = null;
      }
    }
  };
}
