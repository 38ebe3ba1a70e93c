import { PadronError } from '../../platform/padronError.ts';
import { subjectStream } from '../../events/streams.ts';
import type { FoldDependencies } from './fold.ts';
import type { ViewReader } from '../ports/documents.ts';
import { repairDocument } from './repairDocument.ts';
import type { DocumentView } from '../ports/view.ts';

/** Documents per read. */
const PAGE = 500;

/**
 * Retries the parked subjects of a generation before it is shown. Rejects with an Error that names
 * the first one whose document would be older than the current one: readers never see an older
 * revision than before. `shown`: the current view; null if there is none.
 */
export async function settleParked<Body extends object>(
  view: DocumentView<Body>,
  dependencies: FoldDependencies,
  shown: Pick<ViewReader, 'load'> | null,
): Promise<void> {
  const { viewStore } = dependencies;
  for (let after = 0; ;) {
    const page = await viewStore.parked({ after, limit: PAGE });
    for (const { id } of page) {
      await repairDocument(view, dependencies, id);
      const [[next], [present]] = await Promise.all([viewStore.load([id]), shown?.load([id]) ?? []]);
      if (!next?.parked || !present || present.revision <= next.revision) continue;
      const event = `${subjectStream(view.aggregate.kind, id)}@${next.parked.revision}`;
      throw new PadronError(
        `${view.name} cannot apply ${event}, which is shown: this generation would show an older revision`,
      );
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    after = last.id;
  }
}
