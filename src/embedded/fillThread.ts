import { PadronError, reasonOf } from '../platform/padronError.ts';
import type { EventStore } from '../events/eventStore.ts';
import { isUnreachable } from '../platform/storeError.ts';
import {
  buildInThisThread,
  type BuildGeneration,
  type BuildProgress,
} from '../projections/rebuild/buildGeneration.ts';
import type { ProjectionDependencies } from '../projections/folding/projection.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { runThread, type EmbeddedFiles } from './workerThread.ts';
import { needsUpgrade, UpgradeNeededError } from '../projections/folding/upgradeNeeded.ts';

/** The thread's input. */
export interface BuildTask extends EmbeddedFiles {
  view: ViewDeclaration;
  generation: number;
}

/** The thread's messages. */
export type BuildMessage = { progress: BuildProgress } | { failed: BuildFailure };

/** An error as it leaves the thread. */
export interface BuildFailure {
  message: string;
  /** A store is unreachable, the instance needs an upgrade, or the work cannot succeed. */
  kind: 'out of reach' | 'upgrade' | 'fault';
}

/**
 * Builds a generation of an embedded view in its own thread, because every page of reading and
 * writing blocks its thread and would hold up requests (docs/benchmarks.md has the figures). Errors
 * as for buildGeneration; if the thread dies, ReadModelError.
 */
export const buildInThread =
  (files: EmbeddedFiles): BuildGeneration =>
  async ({ view: { name, version }, generation, signal, onProgress }) => {
    const { eventsFile, viewsFolder, keys } = files;
    const own = { eventsFile, viewsFolder, ...(keys ? { keys } : {}) };
    const task: BuildTask = { ...own, view: { name, version }, generation };
    let failure: Error | null = null;
    const death = await runThread('fillWorker', {
      task,
      signal,
      onMessage(message: BuildMessage) {
        if ('progress' in message) onProgress(message.progress);
        else failure ??= errorOf(message.failed);
      },
    });
    if (death) failure ??= new ReadModelError(`the rebuild's thread ended: ${reasonOf(death)}`);
    if (failure) throw failure;
  };

function errorOf({ message, kind }: BuildFailure): Error {
  switch (kind) {
    case 'out of reach':
      return new ReadModelError(message);
    case 'upgrade':
      return new UpgradeNeededError(message);
    case 'fault':
      return new PadronError(message);
  }
}

/** An error as the thread reports it. */
export const failureOf = (error: unknown): BuildFailure => ({
  message: reasonOf(error),
  kind: isUnreachable(error) ? 'out of reach' : needsUpgrade(error) ? 'upgrade' : 'fault',
});

/** With fewer events, building takes less time than starting a thread. */
const SHORT_LOG = 5_000;

/** Builds in a separate thread, or in this one if the log is short. */
export function buildBySize(
  files: EmbeddedFiles,
  stores: ProjectionDependencies & { store: EventStore },
): BuildGeneration {
  const [here, inThread] = [buildInThisThread(stores), buildInThread(files)];
  return async (task) => {
    const events = await stores.store.countAfter(null);
    await (events !== null && events <= SHORT_LOG ? here : inThread)(task);
  };
}
