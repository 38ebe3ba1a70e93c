import type { RecordedEvent } from '../../events/eventStore.ts';
import { isMarked, type ViewDocument, type ViewStore } from '../ports/documents.ts';
import type { DocumentView } from '../ports/view.ts';
import { ownEvents } from './ownEvents.ts';

type Events = readonly RecordedEvent[];
type Loader = Pick<ViewStore, 'load'>;

interface Prepared {
  before: Events;
  /** The ids of the documents that are loaded. */
  ids: ReadonlySet<number>;
  documents: Promise<ViewDocument[]>;
}

/** Documents of a batch of events that are loaded while the batch before it is written. */
export function documentsAhead(view: Pick<DocumentView<object>, 'aggregate'>, stored: Loader) {
  // Weak: both are needed only as long as the follower has the events.
  const prepared = new WeakMap<Events, Prepared>();
  const written = new WeakMap<Events, ReadonlyMap<number, ViewDocument>>();

  const idsOf = (events: Events): Set<number> => new Set(ownEvents(view, events).map(({ id }) => id));

  async function load(ids: readonly number[], ahead: Prepared): Promise<ViewDocument[]> {
    const known = written.get(ahead.before);
    if (!known) return stored.load(ids);
    const loaded = await ahead.documents;
    const missing = ids.filter((id) => !ahead.ids.has(id) && !known.has(id));
    return [...ids.flatMap((id) => known.get(id) ?? []), ...loaded, ...(await stored.load(missing))];
  }

  return {
    /** Begins to load the documents of `events`, except those that the events `before` them change, too. */
    prepare(events: Events, before: Events): void {
      const changing = idsOf(before);
      const ids = new Set([...idsOf(events)].filter((id) => !changing.has(id)));
      const documents = stored.load([...ids]);
      // Thrown where the documents are awaited.
      documents.catch(() => undefined);
      prepared.set(events, { before, ids, documents });
    },
    /**
     * What to load the documents of `events` from: what was prepared, what the batch before has written,
     * and the view for the others.
     */
    of(events: Events): Loader {
      const ahead = prepared.get(events);
      return ahead ? { load: (ids) => load(ids, ahead) } : stored;
    },
    /** These documents of `events` are written. Unless it is called, nothing prepared after `events` counts. */
    wrote(events: Events, documents: readonly ViewDocument[]): void {
      // Others may change a parked document: its subject may be retried.
      const current = documents.filter((one) => !isMarked(one)).map((one) => [one.id, one] as const);
      written.set(events, new Map(current));
    },
  };
}
