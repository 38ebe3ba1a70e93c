import { PadronError } from '../../platform/padronError.ts';
import type { EventMark, Position } from '../../events/eventStore.ts';
import type { ViewRecords } from './viewRecord.ts';
import type { Leases } from './lease.ts';

/** The position that a view has reached. */
export interface Checkpoint {
  /**
   * Everything up to here is applied. May be beyond the view's own last event, because the log has
   * others.
   */
  position: Position;
  /** The last known event up to there, which identifies the log (see EventStore.holds). */
  event: EventMark | null;
}

/**
 * A subject's document in a view. `body` is null for a removed subject: the tombstone keeps its
 * revision.
 */
export interface ViewDocument {
  id: number;
  /** The revision of the last event included. */
  revision: number;
  body: object | null;
  /** The text that `q` searches (see searchText); empty for a tombstone. */
  search: string;
  /** The values that `lookUp` finds it by, by name; empty for a tombstone. */
  lookup: Readonly<Record<string, string>>;
  /**
   * Why the subject's next event is not included; usually null. The document is then the last good
   * state.
   */
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
  /**
   * The highest revision that the view has seen and held back. Only a document that includes it
   * removes the mark.
   */
  heldUpTo: number;
}

/** What a view requires of its storage. */
export interface ViewDeclaration {
  name: string;
  /** A new version is built as separate generations next to the old version's. */
  version: number;
  /** The names that documents are looked up by, in lower-case letters; each has an index. */
  lookups?: readonly string[];
}

/**
 * Orders the states of a document: by revision, then by attempts to apply the next event, then by
 * what is held back.
 */
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

/** The highest revision that the document includes or holds back. */
export const reachOf = ({ revision, parked }: DocumentState): number =>
  parked ? Math.max(revision, parked.heldUpTo) : revision;

/** Failed attempts to apply the next event; 0 if the document is not parked. */
export const attemptsOf = ({ parked }: Pick<ViewDocument, 'parked'>): number => parked?.attempts ?? 0;

export interface ViewBatch {
  documents: readonly ViewDocument[];
  /** The checkpoint that the writer read; the batch is refused if it has moved since. */
  from: Checkpoint | null;
  to: Checkpoint;
}

export interface PageQuery {
  /** Only documents with a greater id. */
  after: number;
  limit: number;
  /** Only documents that have each of these words (see hasWords). */
  words: readonly string[];
}

/**
 * A page of documents. With words it may be short, even empty, without being the last, because the
 * number of examined documents is limited.
 */
export interface DocumentPage {
  documents: ViewDocument[];
  /** The id after which the next page starts; null at the end. */
  next: number | null;
}

/** A range of documents in id order. */
export interface Stretch {
  /** Only documents with a greater id. */
  after: number;
  limit: number;
}

/**
 * The read side of a view. Every method rejects with ReadModelError if the storage is unreachable.
 */
export interface ViewReader {
  checkpoint(): Promise<Checkpoint | null>;
  /** The existing documents with these ids, tombstones included, in any order. */
  load(ids: readonly number[]): Promise<ViewDocument[]>;
  /**
   * The documents that have `value` under `name`, one of the view's lookups, in id order. Reads an
   * index. There may be several while a batch is being written or one of them is parked: the view
   * does not enforce uniqueness.
   */
  lookUp(name: string, value: string): Promise<ViewDocument[]>;
  /** A page of documents in the order of their ids, without tombstones. */
  page(query: PageQuery): Promise<DocumentPage>;
  /** The ids of those documents that some of their words do not find. */
  unfindable(documents: readonly Pick<ViewDocument, 'id' | 'search'>[]): Promise<number[]>;
  /** Every document, including tombstones and subjects that never had a good state. */
  scan(stretch: Stretch): Promise<ViewDocument[]>;
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
  /**
   * Writes documents under the same guard without moving the checkpoint, for subjects that are
   * folded again individually.
   */
  put(documents: readonly ViewDocument[]): Promise<void>;
  /**
   * Replaces the document of `to.id`, whatever its revision, if the stored one is still at `from`
   * (null: there is none).
   */
  repair(from: DocumentState | null, to: ViewDocument): Promise<boolean>;
  /** Makes all writes durable; call it before the generation is shown. May be repeated. */
  seal(options?: SealOptions): Promise<void>;
}

/** A row of an insert-only view, made from one event. */
export interface Row {
  /** The event's position and the row's id. Fits a signed 64-bit number. */
  position: Position;
  /** Instant, in milliseconds since 1970. */
  at: number;
  /**
   * The keys that find the row: the index holds each with (at, position). Distinct and not empty.
   */
  keys: readonly string[];
  /** The content as JSON text: written once and usually passed on unchanged. */
  json: string;
}

/** A place in the order of rows, by (at, position). */
export type RowPlace = Pick<Row, 'at' | 'position'>;

export interface RowBatch {
  rows: readonly Row[];
  /** The checkpoint that the writer read; the batch is refused if it has moved since. */
  from: Checkpoint | null;
  to: Checkpoint;
}

export interface RowQuery {
  /**
   * Rows that have all of these keys. The key with the fewest rows is walked; of equals, the first
   * one given.
   */
  keys: readonly string[];
  /** Only rows whose JSON it accepts; null: all. */
  accepts: ((json: string) => boolean) | null;
  /** Rows at or after this instant, in milliseconds since 1970. */
  from: number | null;
  /** Rows before this instant. */
  to: number | null;
  /** Rows at or below this position: rows above a checkpoint may have gaps. */
  upTo: Position;
  /** Rows after this place, in the direction of the walk. */
  after: RowPlace | null;
  /** By (at, position). */
  order: 'asc' | 'desc';
  /** Most rows returned, at least 1. */
  limit: number;
  /** Most rows examined, at least 1. */
  scan: number;
}

export interface RowPage {
  rows: Pick<Row, 'position' | 'at' | 'json'>[];
  /**
   * Where to continue; null at the end. With a bounded scan a page may be short, even empty,
   * without being the last.
   */
  next: RowPlace | null;
}

/**
 * The read side of an insert-only view. Every method rejects with ReadModelError if the storage is
 * unreachable.
 */
export interface RowReader {
  checkpoint(): Promise<Checkpoint | null>;
  /** A page of rows. Examines at most `scan` rows, however many there are. */
  find(query: RowQuery): Promise<RowPage>;
  /** Rows after position `after` (null: from the first), in position order. */
  scan(stretch: { after: Position | null; limit: number }): Promise<Pick<Row, 'position' | 'json'>[]>;
  /** The positions of those rows that some of their keys do not find at their instant. */
  misplaced(rows: readonly Row[]): Promise<Position[]>;
  /**
   * The number of index entries for rows up to a position, one per key of a row; null if keys are
   * stored in the row, so that `misplaced` compares all of them. Reads the whole index.
   */
  countEntries(upTo: Position): Promise<number | null>;
}

/** One generation of one insert-only view. */
export interface RowStore extends RowReader {
  /**
   * Inserts each row unless it exists, then moves the checkpoint from `from` to `to` by
   * compare-and-set. `refused`: the checkpoint was not `from`; some rows may have been inserted,
   * which is harmless. Repeating a batch is harmless.
   */
  write(batch: RowBatch): Promise<'written' | 'refused'>;
  /**
   * The same in bulk: the rows need not be found before `seal`. Only for a generation that has no
   * readers yet.
   */
  fill(batch: RowBatch): Promise<'written' | 'refused'>;
  /**
   * Makes everything that was filled findable and durable; call it before the generation is shown.
   * May be repeated, also after a crash. After an early end by the signal, a repeat continues.
   */
  seal(options?: SealOptions): Promise<void>;
  /** Replaces the row at this position, or removes it (null). */
  repair(position: Position, row: Row | null): Promise<void>;
}

/**
 * The storage of the views. A view has numbered generations: complete copies, of which its record
 * names the current one. Reads go to the current generation; writes name theirs.
 */
export interface ReadModel {
  /** Leases among the instances that share this read model. Closed with it. */
  readonly leases: Leases;
  /** The views' records: the current generation, the jobs. */
  readonly controls: ViewRecords;
  /**
   * The current view. Reads reject with ReadModelError while there is no current generation; its
   * checkpoint is null then.
   */
  shown(view: ViewDeclaration): ViewReader;
  /** The same for an insert-only view. */
  shownRows(view: ViewDeclaration): RowReader;
  /** Opens one generation, created empty if it does not exist. */
  open(view: ViewDeclaration, generation: number): Promise<ViewStore>;
  /** The same for an insert-only view. */
  openRows(view: ViewDeclaration, generation: number): Promise<RowStore>;
  /** The generations of a view's version that have data, in ascending order. */
  generations(view: ViewDeclaration): Promise<number[]>;
  /**
   * Removes a generation and its checkpoint. Processes that still have it open are rejected, or
   * write what is never read.
   */
  drop(view: ViewDeclaration, generation: number): Promise<void>;
  close(): Promise<void>;
}

/** The read model did not answer; a retry is safe. */
export class ReadModelError extends PadronError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReadModelError';
  }
}

/**
 * The read model refuses a call for good: waiting does not help. The message tells the operator the
 * cause and what to do.
 */
export class ReadModelRefusedError extends ReadModelError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReadModelRefusedError';
  }
}

/** A view's data is damaged: a retry does not help, a rebuild does. */
export class DamagedViewError extends ReadModelError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DamagedViewError';
  }
}
