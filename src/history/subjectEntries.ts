import type { EventStore } from '../events/eventStore.ts';
import { entryOf, type HistoryEntry } from '../projections/views/history.ts';

const PAGE = 500;

/** One subject's entries straight from its stream, with no view in between. Within a stream the revisions are in the order of the instants. */
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
