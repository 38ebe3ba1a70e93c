import type { Checkpoint } from '../record/viewDeclaration.ts';

/** A subject's document. Of a removed one a tombstone is left: `body` is null, the revision stays. */
export interface ViewDocument {
  id: number;
  /** The revision of the last event included. */
  revision: number;
  body: object | null;
  /** The text that `q` searches (see searchText); empty for a tombstone. */
  search: string;
  /** The values that `lookUp` finds it by, by name; empty for a tombstone. */
  lookup: Readonly<Record<string, string>>;
  /** Why the subject's next event is not included; usually null. This is then the last good state. */
  parked: Parked | null;
}

/** The event that a view could not apply to a subject. */
export interface Parked {
  revision: number;
  /** Decimal. */
  position: string;
  type: string;
  /** Without a stack trace and without the event's data. */
  reason: string;
  /** Number of attempts, at least 1. */
  attempts: number;
  /** RFC 3339 instant of the last attempt. */
  at: string;
  /** The highest revision seen and held back. Only a document that includes it removes the mark. */
  heldUpTo: number;
}

/** A parked document. */
export type Marked = ViewDocument & { parked: Parked };

export const isMarked = (document: ViewDocument): document is Marked => document.parked !== null;

/** The parked document, holding back everything up to a revision. */
export const holdingBack = (document: Marked, revision: number): Marked =>
  revision <= document.parked.heldUpTo
    ? document
    : { ...document, parked: { ...document.parked, heldUpTo: revision } };

/** Orders a document's states: by revision, then attempts at the next event, then what is held back. */
export type DocumentState = Pick<ViewDocument, 'revision' | 'parked'>;

/**
 * Whether `one` is later than `other`: the guard of every document write. A document that lacks an
 * event that the other one includes or holds back is never later: the event would be lost without a
 * trace.
 */
export function isLater(one: DocumentState, other: DocumentState): boolean {
  if (reachOf(one) < reachOf(other)) return false;
  if (one.revision !== other.revision) return one.revision > other.revision;
  if (attemptsOf(one) !== attemptsOf(other)) return attemptsOf(one) > attemptsOf(other);
  return reachOf(one) > reachOf(other);
}

/** Whether the two states are the same in that order. */
export const isSameState = (one: DocumentState, other: DocumentState): boolean =>
  one.revision === other.revision && attemptsOf(one) === attemptsOf(other) && reachOf(one) === reachOf(other);

/** The highest revision that the document includes or holds back. */
export const reachOf = ({ revision, parked }: DocumentState): number =>
  parked ? Math.max(revision, parked.heldUpTo) : revision;

/** Failed attempts to apply the next event; 0 if the document is not parked. */
export const attemptsOf = ({ parked }: Pick<ViewDocument, 'parked'>): number => parked?.attempts ?? 0;

/** Whether the document holds nothing of its subject. */
export const isTombstone = ({ body, search, lookup, parked }: ViewDocument): boolean =>
  body === null && search === '' && Object.keys(lookup).length === 0 && parked === null;

export interface ViewBatch {
  documents: readonly ViewDocument[];
  /** The checkpoint that the writer read; the batch is refused if it has moved since. */
  from: Checkpoint | null;
  to: Checkpoint;
}

/** A range of documents in id order. */
export interface Stretch {
  /** Only documents with a greater id. */
  after: number;
  limit: number;
}

export interface PageQuery extends Stretch {
  /** Only documents that have each of these words (see hasWords). */
  words: readonly string[];
}

/** A page of documents. With words it may be short or empty before the last: the search is bounded. */
export interface DocumentPage {
  documents: ViewDocument[];
  /** The id after which the next page starts; null at the end. */
  next: number | null;
}

/** A page without words, from one document more than requested, which shows whether there is a next page. */
export function pageOf(found: readonly ViewDocument[], limit: number): DocumentPage {
  const documents = found.slice(0, limit);
  return { documents, next: found.length > limit ? (documents.at(-1)?.id ?? null) : null };
}

/** Most documents that `lookUp` returns: several have a value only for a moment, or while one is parked. */
export const MAX_FOUND = 10;

/** The read side of a view. Every method rejects with ReadModelError if the storage is unreachable. */
export interface ViewReader {
  checkpoint(): Promise<Checkpoint | null>;
  /** The existing documents with these ids, tombstones included, in any order. */
  load(ids: readonly number[]): Promise<ViewDocument[]>;
  /**
   * The documents that have `value` under `name`, one of the view's lookups, in id order; at most
   * MAX_FOUND: the view does not enforce uniqueness. Reads an index.
   */
  lookUp(name: string, value: string): Promise<ViewDocument[]>;
  /** A page of documents in the order of their ids, without tombstones. */
  page(query: PageQuery): Promise<DocumentPage>;
  /** The ids of those documents that a search for one of their words misses. */
  unfindable(documents: readonly Pick<ViewDocument, 'id' | 'search'>[]): Promise<number[]>;
  /** Every document, including tombstones and subjects that never had a good state. */
  scan(stretch: Stretch): Promise<ViewDocument[]>;
  /** The ids of the documents that `scan` returns. Reads nothing else of them. */
  ids(stretch: Stretch): Promise<number[]>;
  /** Parked documents. Takes time only for those. */
  parked(stretch: Stretch): Promise<ViewDocument[]>;
  /** The number of parked documents. Loads none of them. */
  countParked(): Promise<number>;
}

/** Observes and stops the last step of a build. */
export interface SealOptions {
  /** Ends the step early, without an error, at the next point where its work so far is stored. */
  signal?: AbortSignal | undefined;
  /** Called with the completed share, 0 to 1. */
  onProgress?: ((share: number) => void) | undefined;
}

/** One generation of one view. */
export interface ViewStore extends ViewReader {
  /**
   * Writes each document if it is later than the stored one (see isLater) or there is none, then
   * moves the checkpoint from `from` to `to` by compare-and-set. `refused`: the checkpoint was not
   * `from`; some documents may have been written, which is harmless. Repeating a batch is harmless.
   */
  write(batch: ViewBatch): Promise<'written' | 'refused'>;
  /** The same without moving the checkpoint, for subjects that are folded again one by one. */
  put(documents: readonly ViewDocument[]): Promise<void>;
  /** Replaces the document, whatever its revision, if the stored one is at `from` (null: none). */
  repair(from: DocumentState | null, to: ViewDocument): Promise<boolean>;
  /**
   * Writes the documents of erased subjects under the same guard as `put`. When it resolves, the
   * storage no longer holds their former contents, even if another write replaced those documents;
   * the same goes for an earlier call that was interrupted.
   */
  erase(documents: readonly ViewDocument[]): Promise<void>;
  /** Makes all writes durable; call it before the generation is shown. May be repeated. */
  seal(options?: SealOptions): Promise<void>;
}
