import type { Position } from '../events/eventStore.ts';

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

/** Where the views live. */
export interface ReadModel {
  /** The live generation of a view in its declared version; made if there is none. */
  open(view: ViewDeclaration): Promise<ViewStore>;
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
