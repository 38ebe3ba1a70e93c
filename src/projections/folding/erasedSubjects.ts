import { isErasure } from '../../events/bookkeeping/erasures.ts';
import { eventsOf, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import type { Row, RowStore } from '../ports/rows.ts';
import type { DocumentView, RowView } from '../ports/view.ts';
import { ownEvents } from './ownEvents.ts';

/** The ids of the view's subjects that these events erase. */
export const erasedIn = (
  view: Pick<DocumentView<object>, 'aggregate'>,
  events: readonly RecordedEvent[],
): Set<number> => new Set(ownEvents(view, events.filter(isErasure)).map(({ id }) => id));

/** The streams of the subjects that these events erase. */
export const erasedStreams = (events: readonly RecordedEvent[]): Set<string> =>
  new Set(events.filter(isErasure).map(({ stream }) => stream));

/** The redacted rows of erased subjects, given by their streams. Rejects with EventStoreError. */
export async function rowsOfErased(
  view: Pick<RowView, 'rowOf'>,
  store: Pick<EventStore, 'readStream'>,
  streams: Iterable<string>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const stream of streams) {
    for await (const event of eventsOf(store, stream)) {
      const row = view.rowOf(event);
      if (row) rows.push(row);
    }
  }
  return rows;
}

/**
 * Redacts the stored rows of erased subjects, given by their streams, and returns the redacted rows.
 * In one step for all subjects, because an embedded store rewrites its file after each. Call it
 * before the checkpoint moves: then a generation that has reached an erasure holds no data of its
 * subject, even after a crash.
 */
export async function eraseRows(
  view: RowView,
  { rowStore, store }: { rowStore: Pick<RowStore, 'erase'>; store: Pick<EventStore, 'readStream'> },
  streams: Iterable<string>,
): Promise<Row[]> {
  const redacted = await rowsOfErased(view, store, streams);
  if (redacted.length > 0) await rowStore.erase(redacted, view.keysIn);
  return redacted;
}
