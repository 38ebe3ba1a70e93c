import type { KeyObject } from 'node:crypto';
import { reasonOf } from '../platform/padronError.ts';
import type { Job } from '../projections/ports/viewRecord.ts';
import { ReadModelError } from '../projections/ports/readModel.ts';
import { runThread, type EmbeddedFiles } from './workerThread.ts';

/** Works on one verification until it has ended, or `stop` aborts: then it is left running, for the next holder. */
export type RunVerification = (job: Job, stop: AbortSignal) => Promise<void>;

/** What the thread is given. */
export interface VerifyTask extends EmbeddedFiles {
  job: Job;
  /** Names the reservation streams. */
  key: KeyObject;
}

/**
 * Verifies in a thread of its own, over the embedded stores: there each read is one call that blocks its thread, and requests
 * would wait behind it (docs/adr/0015). A thread that dies is a ReadModelError; its job is run again.
 */
export const verifyInThread =
  (files: EmbeddedFiles, key: KeyObject): RunVerification =>
  async (job, stop) => {
    const task: VerifyTask = { ...files, job, key };
    const death = await runThread('verifyWorker', { task, signal: stop, onMessage: () => undefined });
    if (death) throw new ReadModelError(`the verification's thread ended: ${reasonOf(death)}`);
  };
