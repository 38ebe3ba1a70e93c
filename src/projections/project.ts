import type { Clock } from '../events/clock.ts';
import { eventsOf, NO_REVISION, type EventStore, type RecordedEvent } from '../events/eventStore.ts';
import { subjectOf, subjectStream } from '../events/streams.ts';
import { documentOf, foldOrPark, loadedFrom, step } from './fold.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import type { ViewDocument, ViewStore } from './readModel.ts';
import { readSkips, type Skips } from './skips.ts';
import type { DocumentView } from './view.ts';

export interface ProjectDependencies {
  stored: Pick<ViewStore, 'load'>;
  store: Pick<EventStore, 'readStream'>;
  clock: Pick<Clock, 'now'>;
  skips: Skips;
}

/**
 * The documents of a view after some more events of the log, from those that are stored. Events that a document has already are passed
 * over; where a revision is missing in between, the rest is read from the subject's stream. An event that cannot be applied parks its subject,
 * and so are those behind it passed over until somebody retries or skips it. Rejects with UnknownEventError, EventStoreError, ReadModelError.
 */
export async function project<Body extends object>(
  view: DocumentView<Body>,
  dependencies: ProjectDependencies,
  events: readonly RecordedEvent[],
): Promise<ViewDocument[]> {
  const bySubject = groupBySubject(view, events);
  const stored = await dependencies.stored.load([...bySubject.keys()]);
  const documents = new Map(stored.map((one) => [one.id, one]));
  const changed: ViewDocument[] = [];
  for (const [id, own] of bySubject) {
    const before = documents.get(id);
    const news = own.filter(({ revision }) => revision > (before?.revision ?? NO_REVISION));
    if (news.length === 0 || (before && before.parked !== null)) continue;
    changed.push(await foldOnto(view, id, before, news, dependencies));
  }
  return changed;
}

/** A parked subject tried again, or any subject brought level: from its document and whatever its stream holds behind it. Errors as for `project`. */
export async function refold<Body extends object>(
  view: DocumentView<Body>,
  before: ViewDocument,
  { store, clock, skips }: Omit<ProjectDependencies, 'stored'>,
): Promise<ViewDocument> {
  const stream = subjectStream(view.aggregate.kind, before.id);
  const tail = eventsOf(store, stream, before.revision + 1);
  return foldOrPark(view, before.id, before, tail, { skips, now: clock.now() });
}

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
  view: DocumentView<Body>,
  id: number,
  before: ViewDocument | undefined,
  events: readonly RecordedEvent[],
  { store, clock, skips }: ProjectDependencies,
): Promise<ViewDocument> {
  const next = (before?.revision ?? NO_REVISION) + 1;
  const hasGap = events.some(({ revision }, index) => revision !== next + index);
  try {
    if (!hasGap) {
      const fold = (loaded: ReturnType<typeof loadedFrom<Body>>, event: RecordedEvent): typeof loaded =>
        step(view, loaded, event, skips);
      return documentOf(view, id, events.reduce(fold, loadedFrom<Body>(before)));
    }
  } catch (error) {
    if (error instanceof UnknownEventError) throw error;
  }
  // Rare: a gap, or something that cannot be applied. Then event by event from the stream, with the skips as they are by now.
  const tail = eventsOf(store, subjectStream(view.aggregate.kind, id), next);
  return foldOrPark(view, id, before, tail, { skips: await readSkips(store), now: clock.now() });
}
