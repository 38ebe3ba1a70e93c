import { randomUUID } from 'node:crypto';
import { pauseBefore, withDeadline } from '../../commands/loading/waits.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import { eventsOf, lastEventOf, NO_REVISION, type CallOptions } from '../../events/eventStore.ts';
import { newEvent, notBefore } from '../../events/newEvent.ts';
import { readSkips } from '../../events/bookkeeping/skips.ts';
import { SKIPS_STREAM, subjectStream } from '../../events/streams.ts';
import type { EventSkipped } from '../../events/types.ts';
import { readViewRecord } from '../record/recordAccess.ts';
import { unfinished, type ViewRecord } from '../record/viewRecord.ts';
import { foldOrPark } from '../folding/fold.ts';
import type { ViewStores } from '../folding/projection.ts';
import type { ParkedEntry, ParkedOutcome, ParkedPlace, SkipOrder } from './parkedSubjects.ts';
import { ReadModelError, unlessGone } from '../record/readModelError.ts';
import { isMarked, type Marked, type ViewDocument, type ViewStore } from '../ports/documents.ts';
import { repairDocument } from '../folding/repairDocument.ts';
import type { DocumentView } from '../ports/view.ts';

/** Attempts of a write or append against other writers. */
const MAX_TRIES = 12;
/** Events per read. */
const PAGE = 500;
/** Entries of a list if the caller sets no limit. */
const DEFAULT_LIMIT = 500;

type AnyView = DocumentView<object>;

/** An event of a subject in a view, as named by an entry's id. */
interface Place {
  view: AnyView;
  id: number;
  revision: number;
}

export type ParkedSubjects = ReturnType<typeof createParkedSubjects>;

/**
 * The parked subjects of these views, where they are current. Any instance may call any method at any
 * time. Every method rejects with ReadModelError or EventStoreError if a store is unreachable, and
 * with UnknownEventError if the subject needs a newer padron. `onSkip` is called with the subject's
 * stream after a skip is stored, so that this process can drop its cached state.
 */
export function createParkedSubjects({
  views,
  readModel,
  store,
  clock,
  onSkip = () => undefined,
}: ViewStores & { views: readonly AnyView[]; onSkip?(stream: string): void }) {
  function placeOf(entryId: string): Place | null {
    const [, name, idText, revisionText] = /^([a-z]+)-([1-9]\d*)\.(0|[1-9]\d*)$/.exec(entryId) ?? [];
    const view = views.find((one) => one.name === name);
    const [id, revision] = [Number(idText), Number(revisionText)];
    return view && Number.isSafeInteger(id) && Number.isSafeInteger(revision) ? { view, id, revision } : null;
  }

  const recordOf = (view: AnyView): Promise<ViewRecord | null> => readViewRecord(readModel.controls, view);
  const isShown = async (view: AnyView): Promise<boolean> => typeof (await recordOf(view))?.live === 'number';

  /** The entry of a subject that is parked at this event. */
  async function markedAt({ view, id, revision }: Place): Promise<ParkedEntry | null> {
    if (!(await isShown(view))) return null;
    const [document] = await readModel.shown(view).load([id]);
    return document?.parked?.revision === revision ? entryOf(view, document) : null;
  }

  /** The entry of an event that the view cannot apply although no subject is parked at it. */
  async function faultAt({ view, id, revision }: Place, options: CallOptions): Promise<ParkedEntry | null> {
    const events = eventsOf(store, subjectStream(view.aggregate.kind, id), 0, PAGE, options);
    const skips = await readSkips(store, options);
    const document = await foldOrPark(view, id, undefined, events, { skips, now: clock.now() });
    return document.parked?.revision === revision ? entryOf(view, document) : null;
  }

  /**
   * The generations in which a subject is caught up. The current one comes last, so that a
   * generation swapped in meanwhile is never behind it.
   */
  async function generationsOf(view: AnyView): Promise<ViewStore[]> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const record = await recordOf(view);
      const filled = record && unfinished(record)?.generation;
      const wanted = [filled, record?.live].filter((one) => typeof one === 'number');
      const opening = wanted.map((one) => unlessGone(readModel.open(view, one, { mustExist: true })));
      const opened = await Promise.all(opening);
      // A swap has replaced and dropped the current one since the record was read.
      if (opened.at(-1) === null && wanted.at(-1) === record?.live) continue;
      return opened.filter((one) => one !== null);
    }
    throw new ReadModelError(`the generations of ${view.name} keep changing`);
  }

  async function inEach(
    { view, id }: Place,
    bring: (viewStore: ViewStore) => Promise<void>,
  ): Promise<ParkedEntry | null> {
    let left: ParkedEntry | null = null;
    for (const viewStore of await generationsOf(view)) {
      await bring(viewStore);
      const [document] = await viewStore.load([id]);
      left = document ? entryOf(view, document) : null;
    }
    return left;
  }

  /** Retries from the event at which a subject is parked; null if nothing is parked under this id. */
  async function retry(entryId: string): Promise<ParkedOutcome | null> {
    const place = placeOf(entryId);
    const entry = place && (await markedAt(place));
    if (!entry) return null;
    const { view, id } = place;
    return { entry, left: await inEach(place, (viewStore) => retryOne(view, viewStore, id)) };
  }

  /**
   * Folds a parked subject again and writes it. The guard refuses a document without an event that
   * was held back meanwhile; then it is folded again from what is stored by now.
   */
  async function retryOne(view: AnyView, viewStore: ViewStore, id: number): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const [before] = await viewStore.load([id]);
      if (!before || !isMarked(before)) return;
      const tail = eventsOf(store, subjectStream(view.aggregate.kind, id), before.revision + 1);
      const skips = await readSkips(store);
      await viewStore.put([await foldOrPark(view, id, before, tail, { skips, now: clock.now() })]);
      const [stored] = await viewStore.load([id]);
      if (stored && hasBeenTried(stored, before)) return;
    }
    throw new ReadModelError(`others keep writing ${subjectStream(view.aggregate.kind, id)}`);
  }

  /** Rejects with EventStoreError at the deadline or when other writers won every attempt. */
  async function storeSkip(
    { projection: view, subject, revision }: ParkedEntry,
    { reason, ...by }: SkipOrder,
    deadline: Deadline,
  ): Promise<void> {
    const origin = { ...by, commandId: randomUUID() };
    const data: EventSkipped['data'] = { view, subject, revision, reason };
    for (let attempt = 0; attempt < MAX_TRIES; attempt += 1) {
      if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
      const last = await lastEventOf(store, SKIPS_STREAM, { deadline });
      if ((await readSkips(store, { deadline })).has(view, subject, revision)) return;
      const occurredAt = notBefore(clock.now(), last?.metadata.occurredAt ?? null);
      const event = newEvent(origin.commandId, { type: 'EventSkipped', data }, origin, occurredAt);
      const expected = last?.revision ?? NO_REVISION;
      const result = await store.append([{ stream: SKIPS_STREAM, expected, events: [event] }], { deadline });
      if (result.outcome === 'appended') return;
    }
    throw new EventStoreError(`other writers won every attempt at ${SKIPS_STREAM}`, {
      outcomeUnknown: false,
    });
  }

  return {
    /** Entries by view and subject id, after a subject of a view. */
    async list({
      after = null,
      limit = DEFAULT_LIMIT,
    }: { after?: ParkedPlace | null; limit?: number } = {}): Promise<ParkedEntry[]> {
      const entries: ParkedEntry[] = [];
      const from = after ? views.findIndex(({ name }) => name === after.projection) : 0;
      for (const view of from < 0 ? [] : views.slice(from)) {
        if (entries.length >= limit || !(await isShown(view))) continue;
        const behind = after?.projection === view.name ? after.id : 0;
        const stretch = { after: behind, limit: limit - entries.length };
        const documents = await readModel.shown(view).parked(stretch);
        entries.push(...documents.flatMap((document) => entryOf(view, document) ?? []));
      }
      return entries;
    },
    /** The number of entries of a view. Loads none of them. */
    async count(name: string): Promise<number> {
      const view = views.find((one) => one.name === name);
      // Without a current generation, no reader misses anything.
      return view && (await isShown(view)) ? readModel.shown(view).countParked() : 0;
    },
    retry,
    /**
     * Records that this view skips an event (`EventSkipped` on `padron-skips`, which rebuild and
     * verify honour), then catches the subject up. The event must be the one at which the subject is
     * parked or, if it is not parked, one that the view cannot apply, such as one at which a rebuild
     * failed. Null for any other event.
     */
    async skip(entryId: string, order: SkipOrder): Promise<ParkedOutcome | null> {
      const place = placeOf(entryId);
      if (!place) return null;
      const entry = await withDeadline(undefined, async (deadline) => {
        const found = (await markedAt(place)) ?? (await faultAt(place, { deadline }));
        if (found) await storeSkip(found, order, deadline);
        return found;
      });
      if (!entry) return null;
      const { view, id } = place;
      onSkip(entry.subject);
      const repairOne = (viewStore: ViewStore): Promise<void> =>
        repairDocument(view, { viewStore, store, clock }, id);
      return { entry, left: await inEach(place, repairOne) };
    },
  };
}

/** Whether a retry has taken effect: no mark, a mark at a later event, or one more attempt. */
const hasBeenTried = ({ revision, parked }: ViewDocument, before: Marked): boolean =>
  parked === null ||
  revision > before.revision ||
  parked.revision !== before.parked.revision ||
  parked.attempts > before.parked.attempts;

/** Null if the document is not parked. */
function entryOf(view: AnyView, { id, parked }: ViewDocument): ParkedEntry | null {
  if (!parked) return null;
  const { heldUpTo: _, ...shown } = parked;
  const subject = subjectStream(view.aggregate.kind, id);
  return { id: `${view.name}-${id}.${parked.revision}`, projection: view.name, subject, ...shown };
}
