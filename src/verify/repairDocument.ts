import type { Clock } from '../events/clock.ts';
import { eventsOf, NO_REVISION, type EventStore } from '../events/eventStore.ts';
import { subjectStream } from '../events/streams.ts';
import { foldOrPark } from '../projections/folding/fold.ts';
import type { ViewDocument, ViewStore } from '../projections/ports/readModel.ts';
import { readSkips } from '../events/bookkeeping/skips.ts';
import type { DocumentView } from '../projections/views/view.ts';
import { differentContents } from './compareDocument.ts';

/** Writes of a subject that is being changed all the while, before the rest is left to the runner. */
const MAX_TRIES = 10;

/**
 * Writes what the subject's stream says over its document, whatever that is, until the document stands where the stream ends. Not before that: a runner
 * that has read the wrong document may still write what follows from it, with an event that is in the log already; at the
 * end of the log that write is refused by its revision.
 *
 * A subject that still cannot be folded stays parked as it is, and a document that has the event in question stays, too. A document without any event becomes a tombstone at NO_REVISION: nothing is ever deleted
 * (a late write would bring it back unguarded), and at any later revision it would keep out the events of a
 * subject that is registered under this id some day.
 */
export async function repairDocument<Body extends object>(
  view: DocumentView<Body>,
  {
    viewStore,
    store,
    clock,
  }: {
    viewStore: Pick<ViewStore, 'load' | 'put' | 'repair' | 'unfindable'>;
    store: Pick<EventStore, 'readStream'>;
    clock: Pick<Clock, 'now'>;
  },
  id: number,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const [document = null] = await viewStore.load([id]);
    const skips = await readSkips(store);
    const events = eventsOf(store, subjectStream(view.aggregate.kind, id));
    const to = await foldOrPark(view, id, undefined, events, { skips, now: clock.now() });
    const isFindable = !document || (await viewStore.unfindable([document])).length === 0;
    if (document ? isFindable && isLevel(document, to) : isBlank(to)) return;
    if (document && wouldGoBack(document, to)) return;
    if (document) await viewStore.repair(document, { ...to, parked: parkedFrom(document, to) });
    else await viewStore.put([to]);
  }
}

/**
 * Whether the fold stops at an event that the document has in it: another instance, or this one before, could apply it.
 * Readers have seen the document, so it stays.
 */
const wouldGoBack = (document: ViewDocument, to: ViewDocument): boolean =>
  to.parked !== null && document.revision >= to.parked.revision;

/** Nothing has happened to the subject yet. */
const isBlank = ({ revision, parked }: ViewDocument): boolean => revision === NO_REVISION && parked === null;

const isLevel = (document: ViewDocument, to: ViewDocument): boolean =>
  document.revision === to.revision &&
  document.parked?.revision === to.parked?.revision &&
  differentContents(to, document).length === 0;

/** Parked at the same event as before, it has been tried as often as it was; what was held back stays so. */
function parkedFrom({ parked: before }: ViewDocument, { parked }: ViewDocument): ViewDocument['parked'] {
  if (!before || !parked) return parked;
  if (before.revision === parked.revision) return before;
  return { ...parked, heldUpTo: Math.max(parked.heldUpTo, before.heldUpTo) };
}
