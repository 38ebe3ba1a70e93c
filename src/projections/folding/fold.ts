import type { Clock } from '../../platform/clock.ts';
import { PadronError, reasonOf } from '../../platform/padronError.ts';
import { applied, NOTHING_LOADED, type Aggregate, type Loaded } from '../../domain/aggregate.ts';
import { UnknownEventError } from '../../events/domainEvent.ts';
import { NO_REVISION, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import { isTombstone, type Parked, type ViewDocument, type ViewStore } from '../ports/documents.ts';
import type { Skips } from '../../events/bookkeeping/skips.ts';
import type { DocumentView } from '../ports/view.ts';

/** What a document is folded from and written to. */
export interface FoldDependencies {
  viewStore: ViewStore;
  store: Pick<EventStore, 'readStream'>;
  clock: Pick<Clock, 'now'>;
}

/** Identifies an event. */
type EventPlace = Pick<RecordedEvent, 'stream' | 'revision' | 'type' | 'position'>;

/** A view cannot apply an event: a fault of the event or the view, which no retry fixes. */
export class ProjectionError extends PadronError {
  readonly event: EventPlace;
  /** What may be shown of the cause; see reasonOf. */
  readonly reason: string;

  constructor(view: string, event: EventPlace, thrown: unknown) {
    const reason = reasonOf(thrown);
    const { stream, revision, type, position } = event;
    super(`${view} cannot apply ${stream}@${revision} (${type}) at position ${position}: ${reason}`);
    this.event = event;
    this.reason = reason;
  }
}

/** A subject as loaded from a view's document. */
export const loadedFrom = <Body extends object>(
  document: Pick<ViewDocument, 'body' | 'revision'> | undefined,
): Loaded<Body> =>
  document
    ? { ...NOTHING_LOADED, state: document.body as Body | null, revision: document.revision, began: true }
    : NOTHING_LOADED;

/** A subject after an event, and its document. */
export interface Applied<Body> {
  loaded: Loaded<Body>;
  document: ViewDocument;
}

/**
 * The subject after one more event, unchanged but for the revision if the view skips it. Throws
 * ProjectionError if the event cannot be applied or the view cannot show the resulting state. Each
 * event is judged on its own, so the result does not depend on batch boundaries. Throws
 * UnknownEventError for what only a newer padron can read.
 */
export function applyForView<Body extends object>(
  view: Pick<DocumentView<Body>, 'name' | 'aggregate' | 'searchTextOf'>,
  id: number,
  loaded: Loaded<Body>,
  event: RecordedEvent,
  skips: Skips,
): Applied<Body> {
  const { revision, position, metadata } = event;
  try {
    const next = skips.has(view.name, event.stream, revision)
      ? { ...loaded, revision, position, occurredAt: metadata.occurredAt, began: true }
      : applied(view.aggregate, loaded, event);
    return { loaded: next, document: documentOf(view, id, next) };
  } catch (error) {
    throw error instanceof UnknownEventError ? error : new ProjectionError(view.name, event, error);
  }
}

/** A subject's document in a view. Throws what the view throws. */
export const documentOf = <Body extends object>(
  view: Pick<DocumentView<Body>, 'aggregate' | 'searchTextOf'>,
  id: number,
  { state, revision }: Pick<Loaded<Body>, 'state' | 'revision'>,
): ViewDocument =>
  state === null
    ? { ...emptyDocument(id), revision }
    : {
        id,
        revision,
        body: state,
        search: view.searchTextOf(state),
        lookup: lookupOf(view.aggregate, state),
        parked: null,
      };

function lookupOf<Body>({ uniqueValues }: Aggregate<Body>, state: Body): ViewDocument['lookup'] {
  const lookup: Record<string, string> = {};
  for (const { member, value } of uniqueValues(state)) lookup[member] = value;
  return lookup;
}

/**
 * Applies the events one by one. If one cannot be applied, returns the last good document, parked
 * at that event. Throws UnknownEventError, and whatever `events` throws. `now` is an RFC 3339
 * instant; `heldUpTo` is the highest revision of the subject that the caller has seen.
 */
export async function foldOrPark<Body extends object>(
  view: DocumentView<Body>,
  id: number,
  before: ViewDocument | undefined,
  events: AsyncIterable<RecordedEvent> | Iterable<RecordedEvent>,
  { skips, now, heldUpTo = NO_REVISION }: { skips: Skips; now: string; heldUpTo?: number },
): Promise<ViewDocument> {
  let good = before ? { ...before, parked: null } : emptyDocument(id);
  let loaded = loadedFrom<Body>(before);
  for await (const event of events) {
    try {
      ({ loaded, document: good } = applyForView(view, id, loaded, event, skips));
    } catch (error) {
      if (!(error instanceof ProjectionError)) throw error;
      return { ...good, parked: parkedAt(error, before?.parked ?? null, { now, heldUpTo }) };
    }
  }
  return good;
}

/** The document of a subject without events. */
export const emptyDocument = (id: number): ViewDocument => ({
  id,
  revision: NO_REVISION,
  body: null,
  search: '',
  lookup: {},
  parked: null,
});

/** Whether it is that of a subject without events. */
export const isEmpty = (document: ViewDocument): boolean =>
  document.revision === NO_REVISION && isTombstone(document);

function parkedAt(
  { event, reason }: ProjectionError,
  before: Parked | null,
  { now, heldUpTo }: { now: string; heldUpTo: number },
): Parked {
  const { revision, position, type } = event;
  const tried = before?.revision === revision ? before.attempts : 0;
  return {
    revision,
    position: String(position),
    type,
    reason,
    attempts: tried + 1,
    at: now,
    heldUpTo: Math.max(revision, heldUpTo, before?.heldUpTo ?? NO_REVISION),
  };
}
