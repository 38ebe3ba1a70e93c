import type { Logger } from 'pino';
import type { CommandSide } from '../../../commands/handling/commandSide.ts';
import type { RunImport } from '../../../imports/jobs/runImport.ts';
import type { Uploads } from '../../../imports/jobs/uploads.ts';
import type { Jobs } from '../../../projections/rebuild/jobs.ts';
import type { BodyKeys } from '../../requests/commandRequest.ts';

/** What the routes of imports need. */
export interface ImportParts {
  jobs: Jobs;
  commands: Pick<CommandSide, 'keys'>;
  /** The keys that hash requests with an Idempotency-Key. */
  key: BodyKeys;
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
