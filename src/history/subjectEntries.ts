import type { EventStore } from '../events/eventStore.ts';
import { entryOf, type HistoryEntry } from '../projections/views/history.ts';

const PAGE = 500;

/**
 * A subject's entries directly from its stream, without a view. Within a stream, revisions and
 * instants have the same order.
 */
export async function* entriesOf(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  order: 'asc' | 'desc',
): AsyncGenerator<HistoryEntry> {
  const backwards = order === 'desc';
  let from: number | undefined = backwards ? undefined : 0;
  for (;;) {
    const page = await store.readStream(stream, {
      backwards,
      limit: PAGE,
      ...(from === undefined ? {} : { from }),
    });
    for (const event of page) {
      const entry = entryOf(event);
      if (entry) yield entry;
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE || (backwards && last.revision === 0)) return;
    from = last.revision + (backwards ? -1 : 1);
  }
}
