import { isErasure } from '../../events/bookkeeping/erasures.ts';
import { eventsOf, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { Row, RowStore } from '../ports/rows.ts';
import type { DocumentView, RowView } from '../ports/view.ts';

/** The ids of the view's subjects that these events erase. */
export function erasedIn(
  { aggregate }: Pick<DocumentView<object>, 'aggregate'>,
  events: readonly RecordedEvent[],
): Set<number> {
  const ids = new Set<number>();
  for (const stream of erasedStreams(events)) {
    const subject = subjectOf(stream);
    if (subject?.kind === aggregate.kind) ids.add(subject.id);
  }
  return ids;
}

/** The streams of the subjects that these events erase. */
export const erasedStreams = (events: readonly RecordedEvent[]): Set<string> =>
  new Set(events.filter(isErasure).map(({ stream }) => stream));

/** The redacted rows of an erased subject. Rejects with EventStoreError. */
export async function rowsOfErased(
  view: Pick<RowView, 'rowOf'>,
  store: Pick<EventStore, 'readStream'>,
  stream: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const row of redactedRows(view, store, stream)) rows.push(row);
  return rows;
}

async function* redactedRows(
  view: Pick<RowView, 'rowOf'>,
  store: Pick<EventStore, 'readStream'>,
  stream: string,
): AsyncGenerator<Row> {
  for await (const event of eventsOf(store, stream)) {
    const row = view.rowOf(event);
    if (row) yield row;
  }
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
  const redacted: Row[] = [];
  for (const stream of streams) for await (const row of redactedRows(view, store, stream)) redacted.push(row);
  if (redacted.length > 0) await rowStore.erase(redacted, view.keysIn);
  return redacted;
}
