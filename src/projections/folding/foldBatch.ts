import { endsSubject } from '../../domain/aggregate.ts';
import { eventsOf, NO_REVISION, type RecordedEvent } from '../../events/eventStore.ts';
import { subjectStream } from '../../events/streams.ts';
import { foldOrPark, type FoldDependencies } from './fold.ts';
import { ownEvents } from './ownEvents.ts';
import { holdingBack, isMarked, type Marked, type ViewDocument, type ViewStore } from '../ports/documents.ts';
import { readSkips, type Skips } from '../../events/bookkeeping/skips.ts';
import type { DocumentView } from '../ports/view.ts';

interface FoldBatchDependencies extends Omit<FoldDependencies, 'viewStore'> {
  stored: Pick<ViewStore, 'load'>;
  skips: Skips;
}

/** The changes that events make to a view. */
interface Projected {
  /** Documents of subjects that are not parked, or are parked by one of these events. */
  documents: ViewDocument[];
  /** Documents of already parked subjects, which also hold back the new events. */
  held: Marked[];
}

/**
 * The changes that events make to the stored documents. Events that a document already includes are
 * ignored; if a revision is missing in between, the rest is read from the subject's stream. An
 * event that cannot be applied parks its subject. Rejects with UnknownEventError, EventStoreError,
 * ReadModelError.
 */
export async function foldBatch<Body extends object>(
  view: DocumentView<Body>,
  dependencies: FoldBatchDependencies,
  events: readonly RecordedEvent[],
): Promise<Projected> {
  const bySubject = groupBySubject(view, events);
  const stored = await dependencies.stored.load([...bySubject.keys()]);
  const documents = new Map(stored.map((one) => [one.id, one]));
  const projected: Projected = { documents: [], held: [] };
  for (const [id, own] of bySubject) {
    const before = documents.get(id);
    const unseen = own.filter(({ revision }) => revision > (before?.revision ?? NO_REVISION));
    const last = unseen.at(-1)?.revision;
    if (last === undefined) continue;
    if (before && isMarked(before) && !unseen.some(endsSubject)) {
      if (last > before.parked.heldUpTo) projected.held.push(holdingBack(before, last));
    } else projected.documents.push(await foldOnto(view, id, before, unseen, dependencies));
  }
  return projected;
}

function groupBySubject(
  view: DocumentView<object>,
  events: readonly RecordedEvent[],
): Map<number, RecordedEvent[]> {
  const groups = new Map<number, RecordedEvent[]>();
  for (const { id, event } of ownEvents(view, events)) {
    const group = groups.get(id);
    if (group) group.push(event);
    else groups.set(id, [event]);
  }
  return groups;
}

async function foldOnto<Body extends object>(
  view: DocumentView<Body>,
  id: number,
  before: ViewDocument | undefined,
  events: readonly RecordedEvent[],
  { store, clock, skips }: FoldBatchDependencies,
): Promise<ViewDocument> {
  const next = (before?.revision ?? NO_REVISION) + 1;
  const hasGap = events.some(({ revision }, index) => revision !== next + index);
  const seen = { now: clock.now(), heldUpTo: events.at(-1)?.revision ?? NO_REVISION };
  if (!hasGap) {
    const folded = await foldOrPark(view, id, before, events, { ...seen, skips });
    if (!folded.parked) return folded;
  }
  // Rare: a gap, or an event that cannot be applied. Read event by event from the stream, with the
  // current skips.
  const tail = eventsOf(store, subjectStream(view.aggregate.kind, id), next);
  return foldOrPark(view, id, before, tail, { ...seen, skips: await readSkips(store) });
}
