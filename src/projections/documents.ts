import type { Loaded } from '../commands/aggregate.ts';
import type { Repository } from '../commands/repository.ts';
import type { Clock } from '../events/clock.ts';
import type { Position } from '../events/eventStore.ts';
import { subjectStream } from '../events/streams.ts';
import type { PageQuery, ViewDocument, ViewReader } from './readModel.ts';
import { reachPosition } from './reachPosition.ts';
import { shownRevisions } from './shownRevisions.ts';
import type { DocumentView } from './view.ts';

/** A document as an answer shows it. */
export interface Shown<Body> {
  body: Body;
  id: number;
  revision: number;
  /** Whether it is known not to be the newest: the subject is parked, this is its last good state. */
  behind: boolean;
}

/** One view, read so that nobody is shown an older state than before (contract, section 3). */
export interface Documents<Body> {
  /**
   * The document with this id, null when there is none. From the view where that is new enough: for what this instance has
   * acknowledged or shown, and for `position`; else folded from the stream at once.
   */
  byId(id: number, position: Position | null): Promise<Shown<Body> | null>;
  /**
   * A page of the view. Waits until it has reached `position`, if one is given, at most as long as configured; `behind` when it has not, or when
   * a parked subject is on the page.
   */
  page(query: PageQuery, position: Position | null): Promise<{ shown: Shown<Body>[]; behind: boolean }>;
  /** Takes down what was answered from elsewhere: later answers are not older. */
  note(id: number, loaded: Pick<Loaded<Body>, 'revision' | 'position'>): void;
}

export function createDocuments<Body extends object>({
  view,
  viewReader,
  repository,
  clock,
  longestWaitMs,
}: {
  view: DocumentView<Body>;
  /** The view as it is shown. */
  viewReader: ViewReader;
  repository: Repository;
  clock: Clock;
  /** READ_YOUR_WRITES_MS */
  longestWaitMs: number;
}): Documents<Body> {
  const ahead = shownRevisions();

  async function hasReached(position: Position): Promise<boolean> {
    const checkpoint = await viewReader.checkpoint();
    if (checkpoint) ahead.reached(checkpoint.position);
    return checkpoint !== null && checkpoint.position >= position;
  }

  function note(id: number, { revision, position }: Pick<Loaded<Body>, 'revision' | 'position'>): void {
    if (position !== null) ahead.note(subjectStream(view.aggregate.kind, id), revision, position);
  }

  async function fold(id: number): Promise<Shown<Body> | null> {
    const loaded = await repository.fresh(view.aggregate, subjectStream(view.aggregate.kind, id));
    note(id, loaded);
    return loaded.state && { id, revision: loaded.revision, body: loaded.state, behind: false };
  }

  return {
    note,

    async byId(id, position) {
      if (ahead.crowded()) await hasReached(0n);
      if (position !== null && !(await hasReached(position))) return fold(id);
      const [document] = await viewReader.load([id]);
      if (document && document.parked !== null) return shownFrom(document);
      // A document that the view does not know may be newer than the view: its stream tells.
      if (!document || document.revision < ahead.atLeast(subjectStream(view.aggregate.kind, id)))
        return fold(id);
      return shownFrom(document);
    },

    async page(query, position) {
      const isLate =
        position !== null && !(await reachPosition(() => hasReached(position), { clock, longestWaitMs }));
      const documents = await viewReader.page(query);
      const shown = documents.flatMap((document) => shownFrom<Body>(document) ?? []);
      return { shown, behind: isLate || shown.some(({ behind }) => behind) };
    },
  };
}

/** Null for a subject that was removed, or never got a good state. */
const shownFrom = <Body>({ id, revision, body, parked }: ViewDocument): Shown<Body> | null =>
  body && { id, revision, body: body as Body, behind: parked !== null };
