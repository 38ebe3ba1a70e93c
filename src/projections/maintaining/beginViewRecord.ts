import { NO_VIEW_RECORD, withRebuild, type StoredViewRecord } from '../record/viewRecord.ts';
import { logIdOf } from '../../events/bookkeeping/logId.ts';
import { BULK_FOLD_LIMITS } from '../folding/bulkFold.ts';
import type { ProjectedView, ViewStores } from '../folding/projection.ts';
import { ReadModelError } from '../record/readModelError.ts';
import { MAX_ATTEMPTS } from '../record/changeViewRecord.ts';

/**
 * A view's record, created if this version of the view has none. Over an empty log the first
 * generation is complete; otherwise a job builds it.
 */
export async function beginViewRecord(
  view: ProjectedView,
  dependencies: ViewStores,
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
