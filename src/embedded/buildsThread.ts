import { reasonOf } from '../platform/padronError.ts';
import type { BuildGeneration, BuildProgress } from '../projections/rebuild/buildGeneration.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { errorOf, type BuildFailure } from './fillThread.ts';
import { runThread, type EmbeddedFiles } from './threads/workerThread.ts';

/** The stores that the thread opens, of which at least one is a server. */
export interface StorePlaces extends EmbeddedFiles {
  /** Null: the embedded one. */
  eventStoreUrl: string | null;
  /** Null: the embedded one. */
  mongoUrl: string | null;
}

/** The messages to and from the thread, each about one build. */
export type BuildOrder = { build: number; view: ViewDeclaration; generation: number } | { leave: number };
export type BuildReport = { build: number } & (
  { progress: BuildProgress } | { failed: BuildFailure } | { isDone: true }
);

interface Build {
  onProgress(progress: BuildProgress): void;
  end(error: Error | null): void;
}

interface Thread {
  builds: Map<number, Build>;
  order(order: BuildOrder): void;
  stop(): void;
}

/**
 * Builds generations in one thread, so that reading, decoding and folding a long log does not hold up
 * requests. Builds that begin together share one reading (docs/adr/0034). The thread runs while there
 * are builds. Errors as for buildGeneration; if the thread dies, ReadModelError.
 */
export function buildTogetherInThread(places: StorePlaces): BuildGeneration {
  let thread: Thread | null = null;
  let number = 0;

  function start(): Thread {
    const stopping = new AbortController();
    const builds = new Map<number, Build>();
    let order: Thread['order'] = () => undefined;
    const ended = runThread('buildsWorker', {
      task: places,
      signal: stopping.signal,
      onStart: (post) => {
        order = post;
      },
      onMessage: (report: BuildReport) => {
        const build = builds.get(report.build);
        if ('progress' in report) build?.onProgress(report.progress);
        else build?.end('failed' in report ? errorOf(report.failed) : null);
      },
    });
    const own: Thread = {
      builds,
      order,
      stop() {
        if (thread === own) thread = null;
        stopping.abort();
      },
    };
    void ended.then((death) => {
      own.stop();
      const reason = death ? reasonOf(death) : 'no error';
      for (const build of builds.values()) {
        build.end(new ReadModelError(`the thread of the builds ended: ${reason}`));
      }
    });
    return own;
  }

  return async ({ view: { name, version }, generation, signal, onProgress }) => {
    const own = (thread ??= start());
    const build = (number += 1);
    const leave = (): void => {
      own.order({ leave: build });
    };
    try {
      await new Promise<void>((resolve, reject) => {
        const end = (error: Error | null): void => {
          if (error) reject(error);
          else resolve();
        };
        own.builds.set(build, { onProgress, end });
        own.order({ build, view: { name, version }, generation });
        signal.addEventListener('abort', leave);
        if (signal.aborted) leave();
      });
    } finally {
      signal.removeEventListener('abort', leave);
      own.builds.delete(build);
      if (own.builds.size === 0) own.stop();
    }
  };
}
