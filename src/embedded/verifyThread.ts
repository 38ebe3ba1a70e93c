import type { KeyObject } from 'node:crypto';
import { reasonOf } from '../platform/padronError.ts';
import type { Job } from '../projections/record/viewRecord.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import { runThread, type EmbeddedFiles } from './threads/workerThread.ts';
import type { RunVerification } from '../verify/job/verifyJob.ts';

/** The thread's input. */
export interface VerifyTask extends EmbeddedFiles {
  job: Job;
  /** The key that names the reservation streams. */
  key: KeyObject;
}

/**
 * Verifies embedded views in a separate thread, because every read blocks its thread and would hold
 * up requests (docs/adr/0015). If the thread dies, ReadModelError; the job is run again.
 */
export const verifyInThread =
  (files: EmbeddedFiles, key: KeyObject): RunVerification =>
  async (job, stop) => {
    const task: VerifyTask = { ...files, job, key };
    const death = await runThread('verifyWorker', { task, signal: stop });
    if (death) throw new ReadModelError(`the verification's thread ended: ${reasonOf(death)}`);
  };
