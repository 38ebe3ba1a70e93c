import { PadronError } from '../../platform/padronError.ts';
import type { EventMark, Position } from '../../events/eventStore.ts';
import type { ViewRecords } from './viewRecord.ts';
import type { Leases } from './lease.ts';

/** How far a view is. */
export interface Checkpoint {
  /** Everything up to here is applied. May lie behind the last event of the view's own: the log holds others. */
  position: Position;
  /** The last event up to there, as far as it was seen: tells the log apart from another one (see EventStore.holds). */
  event: EventMark | null;
}

/** A subject's document in a view. `body` is null for a subject that was removed: the tombstone keeps its revision. */
export interface ViewDocument {
  id: number;
  /** The revision of the last event that is in it. */
  revision: number;
  body: object | null;
  /** What `q` is searched in (see searchText); empty for a tombstone. */
  search: string;
  /** What `lookUp` finds it by: a value for each name; empty for a tombstone. */
  lookup: Readonly<Record<string, string>>;
  /** Why the subject's next event is not in it; null for nearly all. The rest is the last good state. */
  parked: Parked | null;
}

/** The event that a view could not apply to a subject. */
export interface Parked {
  revision: number;
  /** Decimal. */
  position: string;
  type: string;
  /** Without a stack, and without what the event holds. */
  reason: string;
  /** How often it was tried; at least 1. */
  attempts: number;
  /** RFC 3339 instant of the last try. */
  at: string;
  /** The highest revision that the view has met and held back. Only a document that has this one, too, removes the mark. */
  heldUpTo: number;
}

/** What a view asks of its storage. */
export interface ViewDeclaration {
  name: string;
  /** A new version starts a generation of its own beside the old one. */
  version: number;
  /** The names under which documents are looked up; each has an index. Lower-case letters. */
  lookups?: readonly string[];
}

/**
 * What tells two states of a document apart, and which is the later one: by revision, then by the tries to apply the next event, then by what is
 * held back behind it.
 */
export type DocumentState = Pick<ViewDocument, 'revision' | 'parked'>;

/**
 * Whether `one` is later than `other`: the guard of every document that is written. A document that knows nothing of an event
 * that the other one holds back is never later: the event would be lost without a trace.
 */
export function isLater(one: DocumentState, other: DocumentState): boolean {
  if (reachOf(one) < reachOf(other)) return false;
  if (one.revision !== other.revision) return one.revision > other.revision;
  if (attemptsOf(one) !== attemptsOf(other)) return attemptsOf(one) > attemptsOf(other);
  return reachOf(one) > reachOf(other);
}

/** The highest revision that is in the document or held back behind it. */
export const reachOf = ({ revision, parked }: DocumentState): number =>
  parked ? Math.max(revision, parked.heldUpTo) : revision;

/** Tries to apply the event behind this state that failed; 0 for a document that is not parked. */
export const attemptsOf = ({ parked }: Pick<ViewDocument, 'parked'>): number => parked?.attempts ?? 0;

export interface ViewBatch {
  documents: readonly ViewDocument[];
  /** The checkpoint that the writer read; the batch is refused when it has moved since. */
  from: Checkpoint | null;
  to: Checkpoint;
}

export interface PageQuery {
  /** Documents with a greater id only. */
  after: number;
  limit: number;
  /** Only documents that have each of these words (see hasWords). */
  words: readonly string[];
}

/** A page of documents. With words it may be short, even empty, and not the last: only so many documents are looked at. */
export interface DocumentPage {
  documents: ViewDocument[];
  /** The id after which the next page starts; null at the end. */
  next: number | null;
}

/** A stretch of documents in the order of their ids. */
export interface Stretch {
  /** Documents with a greater id only. */
  after: number;
  limit: number;
}

/** A view as it is read. Every method rejects with ReadModelError when the storage cannot be reached. */
export interface ViewReader {
  checkpoint(): Promise<Checkpoint | null>;
  /** The documents of those ids that there are, tombstones included, in any order. */
  load(ids: readonly number[]): Promise<ViewDocument[]>;
  /**
   * The documents that have `value` under `name`, one of the view's lookups, in the order of their ids. Reads an index. Several
   * where a batch is being written or one of them is parked: the view itself does not keep values unique.
   */
  lookUp(name: string, value: string): Promise<ViewDocument[]>;
  /** A page of documents in the order of their ids, without tombstones. */
  page(query: PageQuery): Promise<DocumentPage>;
  /** The ids of those of these documents that their words, or any of them, do not find. */
  unfindable(documents: readonly Pick<ViewDocument, 'id' | 'search'>[]): Promise<number[]>;
  /** Every document, tombstones and subjects that never got a good state included. */
  scan(stretch: Stretch): Promise<ViewDocument[]>;
  /** Documents that are parked. Takes time for those, however many others there are. */
  parked(stretch: Stretch): Promise<ViewDocument[]>;
  /** How many are parked. Loads none of them. */
  countParked(): Promise<number>;
}

/** How the last step of a build is watched and stopped. */
export interface SealOptions {
  /** Ends the step early, without an error, at the next point where what is done so far is stored. */
  signal?: AbortSignal | undefined;
  /** Called with the share that is done, 0 to 1. */
  onProgress?: ((share: number) => void) | undefined;
}

/** One generation of one view. */
export interface ViewStore extends ViewReader {
  /**
   * Writes the documents, each only where it is later than the stored one (see isLater) or there is none, then moves the
   * checkpoint from `from` to `to` by compare-and-set. `refused`: the checkpoint was not `from`; documents may have been
   * written, which is harmless. Repeating a batch is harmless.
   */
  write(batch: ViewBatch): Promise<'written' | 'refused'>;
  /** Writes documents under the same guard and leaves the checkpoint: for subjects that are folded again by themselves. */
  put(documents: readonly ViewDocument[]): Promise<void>;
  /** Replaces the document of `to.id` whatever its revision, if the stored one still is at `from`; null: there is none. */
  repair(from: DocumentState | null, to: ViewDocument): Promise<boolean>;
  /** Makes everything that was written durable: to be called before the generation is shown. Harmless when repeated. */
  seal(options?: SealOptions): Promise<void>;
}

/** A row of an insert-only view: what one event says. */
export interface Row {
  /** The event's, and the row's id. Fits a signed 64-bit number. */
  position: Position;
  /** Instant, in milliseconds since 1970. */
  at: number;
  /** What it is found by: an index holds every key with (at, position). Different ones, none of them empty. */
  keys: readonly string[];
  /** What it says, as JSON: written once and read many times, mostly to be passed on as it is. */
  json: string;
}

/** A place in the order of rows, by (at, position). */
export type RowPlace = Pick<Row, 'at' | 'position'>;

export interface RowBatch {
  rows: readonly Row[];
  /** The checkpoint that the writer read; the batch is refused when it has moved since. */
  from: Checkpoint | null;
  to: Checkpoint;
}

export interface RowQuery {
  /** Rows that have each of these. The one with the fewest rows is walked through; of equals, the first one given. */
  keys: readonly string[];
  /** Rows whose JSON this says yes to; null: all. */
  accepts: ((json: string) => boolean) | null;
  /** Rows at or after this instant, in milliseconds since 1970. */
  from: number | null;
  /** Rows before this instant. */
  to: number | null;
  /** Rows at or below this position: what stands above a checkpoint may still have gaps. */
  upTo: Position;
  /** Rows behind this place, in the direction of the walk. */
  after: RowPlace | null;
  /** By (at, position). */
  order: 'asc' | 'desc';
  /** Rows answered at most; at least 1. */
  limit: number;
  /** Rows looked at, at most; at least 1. */
  scan: number;
}

export interface RowPage {
  rows: Pick<Row, 'position' | 'at' | 'json'>[];
  /** Where to go on; null when there is nothing more. With a bounded scan a page may be short, even empty, and not the last. */
  next: RowPlace | null;
}

/** An insert-only view as it is read. Every method rejects with ReadModelError when the storage cannot be reached. */
export interface RowReader {
  checkpoint(): Promise<Checkpoint | null>;
  /** A page of rows. Takes time for `scan` rows at most, however many there are. */
  find(query: RowQuery): Promise<RowPage>;
  /** Rows behind position `after` (null: from the first), in the order of their positions. */
  scan(stretch: { after: Position | null; limit: number }): Promise<Pick<Row, 'position' | 'json'>[]>;
  /** The positions of those of these rows that are not found by each of their keys at their instant. */
  misplaced(rows: readonly Row[]): Promise<Position[]>;
  /**
   * How many entries the index holds for rows up to a position, one for each key of a row; null where a row's keys are part of
   * it, so that `misplaced` compares all of them. Reads the whole index.
   */
  countEntries(upTo: Position): Promise<number | null>;
}

/** One generation of one insert-only view. */
export interface RowStore extends RowReader {
  /**
   * Inserts the rows, each unless it is there already, then moves the checkpoint from `from` to `to` by compare-and-set. `refused`: the
   * checkpoint was not `from`; rows may have been inserted, which is harmless. Repeating a batch is harmless.
   */
  write(batch: RowBatch): Promise<'written' | 'refused'>;
  /** The same in bulk: the rows need not be found before `seal`. Only on a generation that nobody reads yet. */
  fill(batch: RowBatch): Promise<'written' | 'refused'>;
  /**
   * Makes everything that was filled findable and durable: to be called before the generation is shown. Harmless when repeated, also after
   * a crash in the middle. After an early end by the signal, a repeat continues where it stopped.
   */
  seal(options?: SealOptions): Promise<void>;
  /** Replaces the row at this position, or removes it (null). */
  repair(position: Position, row: Row | null): Promise<void>;
}

/**
 * Where the views live. Each view has generations, by number: complete copies of it, of which the control record says which one is
 * shown. What reads goes to the one that is shown at that moment; what writes names its generation.
 */
export interface ReadModel {
  /** Who runs which projection, among the instances that share this read model. Closed with it. */
  readonly leases: Leases;
  /** What is decided about each view: the generation that is shown, the jobs. */
  readonly controls: ViewRecords;
  /** A view as shown. It rejects reads with ReadModelError while no generation is live; its checkpoint is null then. */
  shown(view: ViewDeclaration): ViewReader;
  /** The same of an insert-only view. */
  shownRows(view: ViewDeclaration): RowReader;
  /** One generation, made empty where there is none of that number. */
  open(view: ViewDeclaration, generation: number): Promise<ViewStore>;
  /** The same of an insert-only view. */
  openRows(view: ViewDeclaration, generation: number): Promise<RowStore>;
  /** The generations of a view in that version that have any data, in rising order. */
  generations(view: ViewDeclaration): Promise<number[]>;
  /** Removes a generation with its checkpoint. Whoever still has it open is rejected, or writes what nobody will read. */
  drop(view: ViewDeclaration, generation: number): Promise<void>;
  close(): Promise<void>;
}

/** The read model did not answer; repeating is safe. */
export class ReadModelError extends PadronError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReadModelError';
  }
}

/**
 * The read model refuses for good what is asked of it: waiting does not help. The message names the cause and what to do about
 * it, for the operator.
 */
export class ReadModelRefusedError extends ReadModelError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReadModelRefusedError';
  }
}

/** The data of a view is damaged: repeating is of no use, building the view again is. */
export class DamagedViewError extends ReadModelError {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DamagedViewError';
  }
}
