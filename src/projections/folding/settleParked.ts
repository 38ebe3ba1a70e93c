import { PadronError } from '../../platform/padronError.ts';
import type { Clock } from '../../platform/clock.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { subjectStream } from '../../events/streams.ts';
import type { ViewReader, ViewStore } from '../ports/documents.ts';
import { repairDocument } from './repairDocument.ts';
import type { DocumentView } from '../ports/view.ts';

/** Documents per read. */
const PAGE = 500;

/**
 * Retries the parked subjects of a generation before it is shown. Rejects with an Error that names
 * the first one whose document would be older than the current one: readers never see an older
 * revision than before.
 */
export async function settleParked<Body extends object>(
  view: DocumentView<Body>,
  {
    viewStore,
    shown,
    store,
    clock,
  }: {
    viewStore: ViewStore;
    /** The current view; null if there is none. */
    shown: Pick<ViewReader, 'load'> | null;
    store: Pick<EventStore, 'readStream'>;
    clock: Pick<Clock, 'now'>;
  },
): Promise<void> {
  for (let after = 0; ;) {
    const page = await viewStore.parked({ after, limit: PAGE });
    for (const { id } of page) {
      await repairDocument(view, { viewStore, store, clock }, id);
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
