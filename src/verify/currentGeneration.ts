import type { ViewRecords } from '../projections/record/viewRecord.ts';
import { readViewRecord } from '../projections/record/recordAccess.ts';
import { ReadModelError } from '../projections/record/readModelError.ts';
import type { ViewDeclaration } from '../projections/record/viewDeclaration.ts';

/** The current generation's number, to write into it. Rejects with ReadModelError if there is none. */
export async function currentGeneration(
  controls: Pick<ViewRecords, 'read'>,
  view: ViewDeclaration,
): Promise<number> {
  const live = (await readViewRecord(controls, view))?.live ?? null;
  if (live === null) throw new ReadModelError(`the view ${view.name} is not built yet`);
  return live;
}
