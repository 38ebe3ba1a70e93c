import { PadronError, reasonOf } from '../platform/padronError.ts';
import type { EventStore } from '../events/eventStore.ts';
import { isUnreachable } from '../platform/storeError.ts';
import {
  buildInThisThread,
  type BuildGeneration,
  type BuildProgress,
} from '../projections/rebuild/buildGeneration.ts';
import type { ProjectionDependencies } from '../projections/folding/projection.ts';
import { ReadModelError, type ViewDeclaration } from '../projections/ports/readModel.ts';
import { runThread, type EmbeddedFiles } from './workerThread.ts';
import { needsUpgrade, UpgradeNeededError } from '../projections/folding/upgradeNeeded.ts';

/** What the thread is given. */
export interface BuildTask extends EmbeddedFiles {
  view: ViewDeclaration;
  generation: number;
}

/** What the thread says. */
export type BuildMessage = { progress: BuildProgress } | { failed: BuildFailure };

/** An error on its way out of the thread. */
export interface BuildFailure {
  message: string;
  /** A store is out of reach, the instance needs an upgrade, or the work cannot succeed. */
  kind: 'out of reach' | 'upgrade' | 'fault';
}

/**
 * Fills in a thread of its own, over the embedded stores: there each page of reading and writing is one call that blocks its thread, and requests
 * would wait behind it (docs/benchmarks.md has what a rebuild costs them). Errors as for buildGeneration; a thread that dies is a ReadModelError.
 */
export const buildInThread =
  (files: EmbeddedFiles): BuildGeneration =>
  async ({ view: { name, version }, generation, signal, onProgress }) => {
    const task: BuildTask = { ...files, view: { name, version }, generation };
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

/** What the thread says of an error. */
export const failureOf = (error: unknown): BuildFailure => ({
  message: reasonOf(error),
  kind: isUnreachable(error) ? 'out of reach' : needsUpgrade(error) ? 'upgrade' : 'fault',
});

/** Events that are folded and written in less time than a thread takes to start. */
const SHORT_LOG = 5_000;

/** Fills in a thread of its own, unless there is little to do. */
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
