import {
  NO_VIEW_RECORD,
  withRebuild,
  type ViewRecord,
  type ViewRecords,
  type StoredViewRecord,
} from '../ports/viewRecord.ts';
import { logIdOf } from '../../events/bookkeeping/logId.ts';
import { BULK_FOLD_LIMITS } from '../folding/bulkFold.ts';
import type { ProjectedView, ProjectionDependencies } from '../folding/projection.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { ReadModelError, type ViewDeclaration } from '../ports/readModel.ts';
import type { Clock } from '../../events/clock.ts';

/**
 * Of several concurrent writers one always succeeds, so this many failures in a row mean that the
 * storage is faulty.
 */
const MAX_ATTEMPTS = 1_000;

/**
 * Changes a record by compare-and-set and returns the new record. If another writer was first,
 * reads and decides again. Null if `decide` changes nothing, or if there is neither a record nor an
 * `otherwise` to start from. Rejects with ReadModelError.
 */
export async function changeViewRecord(
  controls: Pick<ViewRecords, 'read' | 'replace'>,
  of: ViewDeclaration,
  decide: (control: ViewRecord) => ViewRecord | null,
  otherwise: ViewRecord | null = null,
): Promise<ViewRecord | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const stored = await controls.read(of);
    const before = stored?.control ?? otherwise;
    const next = before && decide(before);
    if (!next) return null;
    if (await controls.replace(of, stored, next)) return next;
  }
  throw new ReadModelError(`the record of ${of.name} cannot be changed: other writers keep changing it`);
}

/**
 * A view's record, created if this version of the view has none. Over an empty log the first
 * generation is complete; otherwise a job builds it.
 */
export async function beginViewRecord(
  view: ProjectedView,
  dependencies: ProjectionDependencies & { store: EventStore; clock: Clock },
): Promise<StoredViewRecord> {
  const { readModel, store, clock } = dependencies;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const stored = await readModel.controls.read(view);
    if (stored) return stored;
    const newest = Math.max(0, ...(await readModel.generations(view)));
    const log = await logIdOf(store);
    const none = log === null ? NO_VIEW_RECORD : { ...NO_VIEW_RECORD, log };
    let first = withRebuild({ ...none, newest }, view, clock.now());
    if ((await store.head()) === null) {
      const generation = newest + 1;
      await (await view.open(generation, dependencies)).filling(BULK_FOLD_LIMITS).seal();
      first = { ...none, newest: generation, live: generation };
    }
    if (first) await readModel.controls.replace(view, null, first);
  }
  throw new ReadModelError(`the record of ${view.name} cannot be created`);
}
