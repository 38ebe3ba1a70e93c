import type { Logger } from 'pino';
import type { RunImport } from '../../../imports/jobs/runImport.ts';
import type { Uploads } from '../../../imports/jobs/uploads.ts';
import type { Jobs } from '../../../projections/rebuild/jobs.ts';

/** What the routes of imports need. */
export interface ImportParts {
  jobs: Jobs;
  logger: Logger;
  /** Aborts when the service stops. */
  stopping: AbortSignal;
  imports: {
    uploads: Uploads;
    run: RunImport;
    /** Largest list in bytes. */
    maxBytes: number;
    /** Called when a job has begun here. */
    onBegun(): void;
  };
}
