import { PadronError, reasonOf } from '../platform/padronError.ts';
import type { EventStore } from '../events/eventStore.ts';
import { isUnreachable } from '../platform/storeError.ts';
import {
  buildInThisThread,
  type BuildGeneration,
  type BuilderOver,
  type BuildProgress,
} from '../projections/rebuild/buildGeneration.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { runThread, type EmbeddedFiles } from './threads/workerThread.ts';
import { needsUpgrade, UpgradeNeededError } from '../projections/folding/upgradeNeeded.ts';

/** The thread's input. */
export interface BuildTask extends EmbeddedFiles {
  view: ViewDeclaration;
  generation: number;
}

/** The thread's messages. */
export type BuildMessage = { progress: BuildProgress } | { failed: BuildFailure };

/** An error as the thread sends it. */
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

/** The error that a thread reported. */
export function errorOf({ message, kind }: BuildFailure): Error {
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
