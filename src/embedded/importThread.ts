import type { KeyObject } from 'node:crypto';
import { EventStoreError } from '../events/eventErrors.ts';
import { ListError } from '../imports/list/listError.ts';
import type { ImportProgress, ImportTask, RunImport } from '../imports/jobs/runImport.ts';
import type { Reason } from '../projections/record/listImport.ts';
import { PadronError, reasonOf } from '../platform/padronError.ts';
import { runThread, type EmbeddedFiles } from './threads/workerThread.ts';

/** The thread's input. */
export interface ImportThreadTask extends Omit<EmbeddedFiles, 'viewsFolder'> {
  task: ImportTask;
  /** The key that names the reservation streams. */
  key: KeyObject;
  timeZone: string;
}

/** The thread's messages: progress, and the outcome. */
export type ImportMessage =
  | { progress: ImportProgress }
  | { isWhole: boolean }
  | { failure: 'list'; reason: Reason }
  | { failure: 'store' | 'other'; reason: string };

/**
 * Imports into an embedded log in a separate thread, because reading and writing lines would hold up
 * requests. If the thread dies, EventStoreError; the import then continues after its last batch.
 */
export const importInThread =
  (
    files: Omit<EmbeddedFiles, 'viewsFolder'>,
    { key, timeZone }: Pick<ImportThreadTask, 'key' | 'timeZone'>,
  ): RunImport =>
  async (task, onProgress, signal) => {
    const input: ImportThreadTask = { ...files, task, key, timeZone };
    let last: ImportMessage | null = null;
    const death = await runThread('importWorker', {
      task: input,
      signal,
      onMessage(message) {
        last = message as ImportMessage;
        if ('progress' in last) onProgress(last.progress);
      },
    });
    return outcomeOf(last, death);
  };

function outcomeOf(last: ImportMessage | null, death: Error | null): boolean {
  if (last && 'isWhole' in last) return last.isWhole;
  if (last && 'failure' in last) {
    if (last.failure === 'list') throw new ListError(last.reason);
    if (last.failure === 'store') throw new EventStoreError(last.reason, { outcomeUnknown: true });
    throw new PadronError(last.reason);
  }
  throw new EventStoreError(`the thread of the import ended: ${death ? reasonOf(death) : 'stopped'}`, {
    outcomeUnknown: true,
  });
}
