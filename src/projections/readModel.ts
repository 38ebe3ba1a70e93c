import type { Position } from '../events/eventStore.ts';
import type { Leases } from './lease.ts';

/** How far a view is. */
export interface Checkpoint {
  /** Everything up to here is applied. May lie behind the last event of the view's own: the log holds others. */
  position: Position;
  /** The last event that was applied, null until there is one: tells the log apart from another one (see EventStore.holds). */
  event: { position: Position; id: string } | null;
}

/** A subject's document in a view. `body` is null for a subject that was removed: the tombstone keeps its revision. */
export interface ViewDocument {
  id: number;
  /** The revision of the last event that is in it. */
  revision: number;
  body: object | null;
  /** What `q` is searched in; see searchText. */
  search: string;
}

/** What a view asks of its storage. */
export interface ViewDeclaration {
  name: string;
  /** A new version starts a generation of its own beside the old one. */
  version: number;
}

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
  /** Only documents whose search text contains each of these (see searchWords). */
  words: readonly string[];
}

/** One generation of one view. Every method rejects with ReadModelError when the storage cannot be reached. */
export interface ViewStore {
  checkpoint(): Promise<Checkpoint | null>;

  /** The documents of those ids that there are, tombstones included, in any order. */
  load(ids: readonly number[]): Promise<ViewDocument[]>;

  /**
   * Writes the documents, each only where the stored one has a lower revision (or there is none), then moves the
   * checkpoint from `from` to `to` by compare-and-set. `refused`: the checkpoint was not `from`; documents may have been
   * written, which is harmless. Repeating a batch is harmless.
   */
  write(batch: ViewBatch): Promise<'written' | 'refused'>;

  /** A page of documents in the order of their ids, without tombstones. */
  page(query: PageQuery): Promise<ViewDocument[]>;
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

/** One generation of one insert-only view. Every method rejects with ReadModelError when the storage cannot be reached. */
export interface RowStore {
  checkpoint(): Promise<Checkpoint | null>;

  /**
   * Inserts the rows, each unless it is there already, then moves the checkpoint from `from` to `to` by compare-and-set. `refused`: the
   * checkpoint was not `from`; rows may have been inserted, which is harmless. Repeating a batch is harmless.
   */
  write(batch: RowBatch): Promise<'written' | 'refused'>;

  /** A page of rows. Takes time for `scan` rows at most, however many there are. */
  find(query: RowQuery): Promise<RowPage>;
}

/** Where the views live. */
export interface ReadModel {
  /** Who runs which projection, among the instances that share this read model. Closed with it. */
  readonly leases: Leases;
  /** The live generation of a view in its declared version; made if there is none. */
  open(view: ViewDeclaration): Promise<ViewStore>;
  /** The same of an insert-only view. */
  openRows(view: ViewDeclaration): Promise<RowStore>;
  close(): Promise<void>;
}

/** The read model did not answer; repeating is safe. */
export class ReadModelError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'ReadModelError';
  }
}

/** Folds case and accents away, so that «garcia» finds «García». */
export const searchText = (...parts: (string | null)[]): string =>
  parts.join('\n').normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** The words of a search, each of which has to be contained. */
export const searchWords = (q: string): string[] => searchText(q).split(/\s+/).filter(Boolean);
