import { eventsOf, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { Row, RowStore } from '../ports/rows.ts';
import type { DocumentView, RowView } from '../ports/view.ts';

/** Whether an event is the erasure of its subject. */
export const isErasure = ({ type, stream }: Pick<RecordedEvent, 'type' | 'stream'>): boolean =>
  type === 'SubjectErased' && subjectOf(stream) !== null;

/** The ids of the view's subjects that these events erase. */
export function erasedIn(
  { aggregate }: Pick<DocumentView<object>, 'aggregate'>,
  events: readonly RecordedEvent[],
): Set<number> {
  const ids = new Set<number>();
  for (const event of events) {
    const subject = isErasure(event) ? subjectOf(event.stream) : null;
    if (subject?.kind === aggregate.kind) ids.add(subject.id);
  }
  return ids;
}

/** The rows of an erased subject, as they are from now on. Rejects with EventStoreError. */
export async function rowsOfErased(
  view: Pick<RowView, 'rowOf'>,
  store: Pick<EventStore, 'readStream'>,
  stream: string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for await (const event of eventsOf(store, stream)) {
    const row = view.rowOf(event);
    if (row) rows.push(row);
  }
  return rows;
}

/**
 * Redacts what is stored of the subjects that these events erase. Comes before the checkpoint moves, so that a generation that has reached an erasure
 * holds nothing of its subject, wherever a crash interrupts.
 */
export async function eraseRows(
  view: RowView,
  { rowStore, store }: { rowStore: Pick<RowStore, 'erase'>; store: Pick<EventStore, 'readStream'> },
  events: readonly RecordedEvent[],
): Promise<void> {
  const streams = new Set(events.filter(isErasure).map(({ stream }) => stream));
  for (const stream of streams) {
    await rowStore.erase(await rowsOfErased(view, store, stream), view.keysIn);
  }
}
