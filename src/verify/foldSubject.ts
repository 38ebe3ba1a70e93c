import { applyRecorded, NOTHING_LOADED, type Loaded } from '../domain/aggregate.ts';
import { eventsOf, NO_REVISION, type EventStore, type RecordedEvent } from '../events/eventStore.ts';
import { isErasure } from '../events/bookkeeping/erasures.ts';
import { subjectStream } from '../events/streams.ts';
import { documentOf, ProjectionError, applyForView, type Applied } from '../projections/folding/fold.ts';
import type { ViewDocument } from '../projections/ports/documents.ts';
import type { Skips } from '../events/bookkeeping/skips.ts';
import type { DocumentView } from '../projections/ports/view.ts';

/** The fold of a subject's stream. */
export interface SubjectFold<Body> {
  /** The document at the requested revision; null if the events do not reach it. */
  at: ViewDocument | null;
  /** The subject as commands load it. */
  own: Loaded<Body>;
  /** The stream's last revision. */
  last: number;
  /** The revision of the event that erased the subject; null if there is none. */
  erasedAt: number | null;
  /** Events read. */
  events: number;
}

/**
 * Folds a subject's whole stream as the view does; skipped events only advance the revision. Holds
 * one state at a time, however long the stream. Rejects with EventStoreError, and with
 * UnknownEventError for what only a newer padron can read.
 */
export async function foldSubject<Body extends object>(
  view: DocumentView<Body>,
  { store, skips }: { store: Pick<EventStore, 'readStream'>; skips: Skips },
  { id, revision }: { id: number; revision: number | null },
): Promise<SubjectFold<Body>> {
  const stream = subjectStream(view.aggregate.kind, id);
  let shown: Loaded<Body> | null = NOTHING_LOADED;
  let own: Loaded<Body> = NOTHING_LOADED;
  let at = revision === NO_REVISION ? documentOf(view, id, shown) : null;
  let last = NO_REVISION;
  let erasedAt: number | null = null;
  let events = 0;
  for await (const event of eventsOf(store, stream)) {
    const next: Applied<Body> | null = shown && tryStep(view, id, shown, event, skips);
    shown = next?.loaded ?? null;
    own = shown ?? applyRecorded(view.aggregate, own, event, skips);
    if (next && event.revision === revision) at = next.document;
    last = event.revision;
    if (isErasure(event)) erasedAt ??= event.revision;
    events += 1;
  }
  return { at, own, last, erasedAt, events };
}

function tryStep<Body extends object>(
  view: DocumentView<Body>,
  id: number,
  loaded: Loaded<Body>,
  event: RecordedEvent,
  skips: Skips,
): Applied<Body> | null {
  try {
    return applyForView(view, id, loaded, event, skips);
  } catch (error) {
    if (error instanceof ProjectionError) return null;
    throw error;
  }
}
