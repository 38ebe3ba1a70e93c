import type { ViewRecords } from './viewRecord.ts';
import { ReadModelError } from './readModelError.ts';
import type { ViewDeclaration } from './viewDeclaration.ts';

/**
 * The number of the current generation, for writing into it. Rejects with ReadModelError if there
 * is none.
 */
export async function currentGeneration(
  controls: Pick<ViewRecords, 'read'>,
  view: ViewDeclaration,
): Promise<number> {
  const live = (await controls.read(view))?.control.live ?? null;
  if (live === null) throw new ReadModelError(`the view ${view.name} is not built yet`);
  return live;
}
