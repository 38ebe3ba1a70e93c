import { eventsOf } from '../../events/eventStore.ts';
import { subjectStream } from '../../events/streams.ts';
import { foldOrPark, isEmpty, type FoldDependencies } from './fold.ts';
import type { ViewDocument } from '../ports/documents.ts';
import { readSkips } from '../../events/bookkeeping/skips.ts';
import type { DocumentView } from '../ports/view.ts';
import { differentContents } from './differentMembers.ts';

/** Attempts for a subject that keeps changing; the view itself does the rest. */
const MAX_TRIES = 10;

/**
 * Overwrites a subject's document with the fold of its stream until the document is at the end of
 * the stream. Stopping earlier would be wrong: a view that has read the damaged document may still
 * write its continuation with an event already in the log. At the end of the log, that write is
 * refused by its revision.
 *
 * A subject that still cannot be folded stays parked, and a document that includes the event in
 * question stays too. A document without any event becomes a tombstone at NO_REVISION. It is not
 * deleted, because a late write would bring it back unguarded; a later revision would keep out the
 * events of a subject registered under this id in future.
 */
export async function repairDocument<Body extends object>(
  view: DocumentView<Body>,
  { viewStore, store, clock }: FoldDependencies,
  id: number,
): Promise<void> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const [document = null] = await viewStore.load([id]);
    const skips = await readSkips(store);
    const events = eventsOf(store, subjectStream(view.aggregate.kind, id));
    const to = await foldOrPark(view, id, undefined, events, { skips, now: clock.now() });
    const isFindable = !document || (await viewStore.unfindable([document])).length === 0;
    if (document ? isFindable && isLevel(document, to) : isEmpty(to)) return;
    if (document && wouldGoBack(document, to)) return;
    if (document) await viewStore.repair(document, { ...to, parked: parkedFrom(document, to) });
    else await viewStore.put([to]);
  }
}

/**
 * Whether the fold stops at an event that the document includes: another instance, or an earlier
 * version of this one, could apply it. Readers have seen the document, so it stays.
 */
const wouldGoBack = (document: ViewDocument, to: ViewDocument): boolean =>
  to.parked !== null && document.revision >= to.parked.revision;

const isLevel = (document: ViewDocument, to: ViewDocument): boolean =>
  document.revision === to.revision &&
  document.parked?.revision === to.parked?.revision &&
  differentContents(to, document).length === 0;

/** A document parked at the same event keeps its attempts and what it holds back. */
function parkedFrom({ parked: before }: ViewDocument, { parked }: ViewDocument): ViewDocument['parked'] {
  if (!before || !parked) return parked;
  if (before.revision === parked.revision) return before;
  return { ...parked, heldUpTo: Math.max(parked.heldUpTo, before.heldUpTo) };
}
