import { advance, type Loaded } from '../commands/aggregate.ts';
import { eventsOf, NO_REVISION, type EventStore, type RecordedEvent } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import type { ViewDocument, ViewStore } from './readModel.ts';
import type { DocumentView } from './view.ts';

/**
 * The documents of a view after some more events of the log, from those that are stored. Events that a document has already are passed
 * over; where a revision is missing in between, the rest is read from the subject's stream. Rejects with what the projection throws.
 */
export async function project<Body extends object>(
  view: DocumentView<Body>,
  stored: Pick<ViewStore, 'load'>,
  store: Pick<EventStore, 'readStream'>,
  events: readonly RecordedEvent[],
): Promise<ViewDocument[]> {
  const bySubject = groupBySubject(view, events);
  const documents = new Map((await stored.load([...bySubject.keys()])).map((one) => [one.id, one]));
  const changed: ViewDocument[] = [];
  for (const [id, own] of bySubject) {
    const before = documents.get(id);
    const after = await foldOnto(view, before, store, own);
    if (after.revision !== before?.revision) changed.push(documentOf(view, id, after));
  }
  return changed;
}

/** A subject's document in a view, from the subject as folded. */
export const documentOf = <Body extends object>(
  view: DocumentView<Body>,
  id: number,
  { state, revision }: Pick<Loaded<Body>, 'state' | 'revision'>,
): ViewDocument => ({ id, revision, body: state, search: state === null ? '' : view.searchTextOf(state) });

function groupBySubject(
  { aggregate }: DocumentView<object>,
  events: readonly RecordedEvent[],
): Map<number, RecordedEvent[]> {
  const groups = new Map<number, RecordedEvent[]>();
  for (const event of events) {
    const subject = subjectOf(event.stream);
    if (subject?.kind !== aggregate.kind) continue;
    const group = groups.get(subject.id);
    if (group) group.push(event);
    else groups.set(subject.id, [event]);
  }
  return groups;
}

async function foldOnto<Body extends object>(
  { aggregate }: DocumentView<Body>,
  document: ViewDocument | undefined,
  store: Pick<EventStore, 'readStream'>,
  events: readonly RecordedEvent[],
): Promise<Loaded<Body>> {
  let loaded: Loaded<Body> = {
    state: (document?.body ?? null) as Body | null,
    revision: document?.revision ?? NO_REVISION,
    position: null,
    occurredAt: null,
    began: document !== undefined,
  };
  for (const event of events) {
    if (event.revision <= loaded.revision) continue;
    if (event.revision === loaded.revision + 1) {
      loaded = advance(aggregate, loaded, event);
      continue;
    }
    for await (const missed of eventsOf(store, event.stream, loaded.revision + 1)) {
      loaded = advance(aggregate, loaded, missed);
    }
  }
  return loaded;
}
