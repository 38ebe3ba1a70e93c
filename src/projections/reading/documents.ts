import { goodRevision, type Loaded, type UniqueValue } from '../../domain/aggregate.ts';
import type { UniqueValueLookups } from '../../commands/claims/uniqueValueLookups.ts';
import type { Repository } from '../../commands/loading/repository.ts';
import { type Clock, monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import type { CallOptions, EventStore, Position } from '../../events/eventStore.ts';
import { subjectOf, subjectStream } from '../../events/streams.ts';
import { ReadModelError } from '../record/readModelError.ts';
import type { DocumentPage, PageQuery, ViewDocument, ViewReader } from '../ports/documents.ts';
import { createViewPosition } from '../following/viewPosition.ts';
import { acknowledgedRevisions } from './acknowledgedRevisions.ts';
import type { DocumentView } from '../ports/view.ts';

/** Retries of a document read that the view overtakes, before its stream is read instead. */
const MAX_TRIES = 3;

/** A document as answers show it. */
export interface Shown<Body> {
  body: Body;
  id: number;
  revision: number;
  /** Whether it is known not to be the newest: the last good state of a parked subject. */
  behind: boolean;
  from: Source;
}

/** The source of an answer. */
export type Source = 'view' | 'stream';

/** One view, read so that no answer is older than what this instance acknowledged or showed before. */
export interface Documents<Body> {
  /**
   * The document with this id, or null. From the view if it is new enough for `position` and for
   * what this instance has acknowledged or shown. Otherwise, and while the read model does not
   * answer, folded from the stream. Rejects with EventStoreError if the stream is needed and the
   * event store does not answer.
   */
  byId(id: number, position: Position | null, options?: CallOptions): Promise<Shown<Body> | null>;
  /**
   * The document of the subject that holds this value, or null. From the view on the same terms,
   * otherwise through the value's reservation, as is every null. Rejects as `byId` does.
   */
  byValue(value: UniqueValue, position: Position | null, options?: CallOptions): Promise<Shown<Body> | null>;
  /**
   * A page of the view. Waits until the view has reached `position`, if given, for at most the
   * configured time. `behind` if it has not, if it has not caught up since this instance started,
   * or if a parked subject is on the page. Rejects with ReadModelError; with EventStoreError if the
   * event store is unreachable and something on the page is known to be newer.
   */
  page(
    query: PageQuery,
    position: Position | null,
  ): Promise<{ shown: Shown<Body>[]; next: number | null; behind: boolean }>;
  /** Records what was answered from elsewhere, so that later answers are not older. */
  remember(id: number, loaded: Pick<Loaded<Body>, 'state' | 'revision' | 'position'>): void;
}

interface DocumentsDependencies<Body extends object> {
  view: DocumentView<Body>;
  /** The current view. */
  viewReader: ViewReader;
  repository: Repository;
  /** Finds the holder of a value through its reservation. */
  lookups: UniqueValueLookups;
  store: Pick<EventStore, 'head'>;
  clock: Clock;
  /** Measures waits. Default: the monotonic clock. */
  timer?: MonotonicClock;
  /** READ_YOUR_WRITES_MS */
  maxWaitMs: number;
  /** The log's head when this instance started: what it showed before is unknown. Null: none. */
  startedAt?: Position | null;
  /** Whether the event store is known to be unreachable: only the view can answer then. */
  isEventStoreAway?(): boolean;
  /** Called with each revision that was acknowledged or shown. */
  onNote?(stream: string, revision: number, position: Position): void;
}

export function createDocuments<Body extends object>(
  dependencies: DocumentsDependencies<Body>,
): Documents<Body> {
  const { view, viewReader, repository, lookups, store, clock, maxWaitMs } = dependencies;
  const { startedAt = null, isEventStoreAway = () => false, onNote = () => undefined } = dependencies;
  const { timer = monotonicClock } = dependencies;
  const { kind, uniqueValues } = view.aggregate;
  const ahead = acknowledgedRevisions({ until: startedAt });
  const shownPosition = createViewPosition({
    checkpoint: () => viewReader.checkpoint(),
    clock,
    timer,
    onLook: ahead.forgetUpTo,
  });

  const streamOf = (id: number): string => subjectStream(kind, id);

  function remember(
    id: number,
    { state, revision, position }: Parameters<Documents<Body>['remember']>[1],
  ): void {
    if (position === null) return;
    onNote(streamOf(id), revision, position);
    ahead.remember(streamOf(id), revision, position, state ? uniqueValues(state).map(nameOf) : []);
  }

  /** Whether the view may answer for everything up to `position`; null: no position is required. */
  async function isNewEnough(position: Position | null): Promise<boolean> {
    if (ahead.isFull()) await shownPosition.look();
    return position === null || shownPosition.hasReached(position);
  }

  function folded(id: number, loaded: Loaded<Body>): Shown<Body> | null {
    remember(id, loaded);
    const { state, stuck } = loaded;
    const revision = goodRevision(loaded);
    return state && { id, revision, body: state, behind: stuck !== undefined, from: 'stream' };
  }

  const fold = async (id: number, options?: CallOptions): Promise<Shown<Body> | null> =>
    folded(id, await repository.fresh(view.aggregate, streamOf(id), options));

  /** The view's document; null if it has none, or an older one than was shown before. */
  async function fromView(id: number): Promise<ViewDocument | null> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const forgotten = ahead.forgotten();
      const [document] = await viewReader.load([id]);
      // What was forgotten meanwhile may be newer than this document. The view has it by now.
      if (ahead.forgotten() !== forgotten) continue;
      const isOld =
        !document || (document.parked === null && document.revision < ahead.atLeast(streamOf(id)));
      return isOld ? null : document;
    }
    return null;
  }

  /** The view's document of the only subject with this value; null if the view cannot say which one. */
  async function holderInView(value: UniqueValue): Promise<ViewDocument | null> {
    const name = nameOf(value);
    const until = ahead.until(name);
    if (until !== null && !(await shownPosition.hasReached(until))) return null;
    const forgotten = ahead.forgotten();
    const [found, another] = await viewReader.lookUp(value.member, value.value);
    const stillUntil = ahead.until(name);
    const isNoted = stillUntil !== null && stillUntil !== until;
    if (!found || another || isNoted) return null;
    // Its acknowledged revision may have been forgotten during the lookup: then read it again.
    const document = ahead.forgotten() === forgotten ? found : await fromView(found.id);
    if (document?.lookup[value.member] !== value.value) return null;
    return document.revision < ahead.atLeast(streamOf(found.id)) ? null : document;
  }

  /** Whether a subject that may belong on this page is known to be newer than the view. */
  function isOlderThanShown({ after }: PageQuery, { documents, next }: DocumentPage): boolean {
    const last = next ?? Infinity;
    const revisions = new Map(documents.map(({ id, revision }) => [id, revision]));
    return ahead.some((stream, revision) => {
      const id = subjectOf(stream)?.id ?? 0;
      return id > after && id <= last && (revisions.get(id) ?? -1) < revision;
    });
  }

  async function holderByReservation(value: UniqueValue, options?: CallOptions): Promise<Shown<Body> | null> {
    const found = await lookups.holder(view.aggregate, value, 'fresh', options);
    const subject = found && subjectOf(found.stream);
    if (subject) return folded(subject.id, found.loaded);
    // The view may still show a subject that has given up the value.
    const head = await store.head(options);
    if (head !== null) ahead.rememberValue(nameOf(value), head);
    return null;
  }

  return {
    remember,

    async byId(id, position, options) {
      const document = await unlessAway(async () => (await isNewEnough(position)) && fromView(id));
      return document ? shownFrom(document) : fold(id, options);
    },

    async byValue(value, position, options) {
      const document = await unlessAway(async () => (await isNewEnough(position)) && holderInView(value));
      return document ? shownFrom(document) : holderByReservation(value, options);
    },

    async page(query, position) {
      const isAway = isEventStoreAway();
      // Without the event store the view makes no progress, so waiting is pointless.
      const waitMs = isAway ? 0 : maxWaitMs;
      const isLate = position !== null && !(await shownPosition.reaches(position, waitMs));
      if (isAway) await shownPosition.look();
      const isStarting = startedAt !== null && !(await shownPosition.hasReached(startedAt));
      const page = await viewReader.page(query);
      if (isAway && isOlderThanShown(query, page)) {
        throw new EventStoreError('the view is behind what was shown before', { outcomeUnknown: false });
      }
      const { documents, next } = page;
      const shown = documents.flatMap((document) => shownFrom<Body>(document) ?? []);
      return { shown, next, behind: isLate || isStarting || shown.some(({ behind }) => behind) };
    },
  };
}

/** The result of `ask`; null if the read model does not answer: then the stream is read. */
async function unlessAway(ask: () => Promise<ViewDocument | null | false>): Promise<ViewDocument | null> {
  try {
    return (await ask()) || null;
  } catch (error) {
    if (error instanceof ReadModelError) return null;
    throw error;
  }
}

/** A value's name among the acknowledged revisions: with a space, unlike a stream's. */
const nameOf = ({ member, value }: UniqueValue): string => `${member} ${value}`;

/** Null for a removed subject, or one that never had a good state. */
const shownFrom = <Body>({ id, revision, body, parked }: ViewDocument): Shown<Body> | null =>
  body && { id, revision, body: body as Body, behind: parked !== null, from: 'view' };
