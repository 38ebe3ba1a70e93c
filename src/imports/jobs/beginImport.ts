import { randomUUID } from 'node:crypto';
import { isForOtherOrErased, type IdempotencyKeys } from '../../commands/claims/idempotencyKeys.ts';
import type { Request } from '../../commands/command.ts';
import { createFloors } from '../../commands/loading/floors.ts';
import { withDeadline } from '../../commands/loading/waits.ts';
import { NO_REVISION } from '../../events/eventStore.ts';
import type { ListImport } from '../../projections/record/listImport.ts';
import type { Job } from '../../projections/record/viewRecord.ts';
import type { JobRefusal, Jobs } from '../../projections/rebuild/jobs.ts';

/** Attempts that may lose to other requests with the same key. */
const MAX_ATTEMPTS = 5;

/** The target on the key's record. */
const TARGET = 'imports';

/** Why an import was not begun. `forgotten`: the key's import has ended and is no longer remembered. */
export type ImportRefusal = JobRefusal | 'key-reused' | 'forgotten';

/**
 * Begins the job of an import once: on any instance, a repeat with the same Idempotency-Key returns
 * the job that the first request began. A refused or failed request may be repeated with its key.
 * Rejects with EventStoreError and ReadModelError; a repeat with the same key is then safe.
 */
export async function beginImport(
  { jobs, keys }: { jobs: Pick<Jobs, 'import' | 'importOf'>; keys: IdempotencyKeys },
  list: ListImport,
  { actor, requestId, correlationId, key }: Request,
): Promise<Job | ImportRefusal> {
  if (!key) return jobs.import(list);
  const origin = { actor, requestId, correlationId, commandId: randomUUID() };
  return withDeadline(undefined, async (deadline) => {
    const options = { deadline, floors: createFloors() };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const record = await keys.open(actor.account, key.value, options);
      if (isForOtherOrErased(record, key)) return 'key-reused';
      const earlier = await jobs.importOf(record.stream);
      if (earlier) return earlier;
      if (record.settled) return 'forgotten';
      const { route, bodyHash } = key;
      const data = { route, bodyHash, target: TARGET, revision: NO_REVISION };
      const begun = record.begun ? record : await keys.begin(record, data, origin, options);
      // Another request with this key was first, perhaps with another list.
      if (!begun) continue;
      const job = await jobs.import({ ...list, request: record.stream });
      if (typeof job !== 'string') await keys.settle(begun, origin, options);
      return job;
    }
    return 'busy';
  });
}
