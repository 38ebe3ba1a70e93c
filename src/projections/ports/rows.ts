import type { Position } from '../../events/eventStore.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';
import type { SealOptions } from './documents.ts';

/** A row of an insert-only view, made from one event. */
export interface Row {
  /** The event's position and the row's id. Fits a signed 64-bit number. */
  position: Position;
  /** Instant, in milliseconds since 1970. */
  at: number;
  /** The keys that find the row, each indexed with (at, position). Distinct and not empty. */
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
  /** Rows that have all of these keys. The rarest key is walked; of equals, the first one given. */
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
  /** Where to continue; null at the end. A page of a bounded scan may be short or empty before that. */
  next: RowPlace | null;
}

/** The read side of an insert-only view. Rejects with ReadModelError if the storage is unreachable. */
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

/** The row at this position; null if there is none. */
export async function rowAt(
  reader: Pick<RowReader, 'scan'>,
  position: Position,
): Promise<Pick<Row, 'position' | 'json'> | null> {
  const [row] = await reader.scan({ after: position - 1n, limit: 1 });
  return row?.position === position ? row : null;
}

/** One generation of one insert-only view. */
export interface RowStore extends RowReader {
  /** Inserts each row unless it exists, then moves the checkpoint; outcomes as of ViewStore.write. */
  write(batch: RowBatch): Promise<'written' | 'refused'>;
  /** The same in bulk, for a generation without readers: the rows need not be found before `seal`. */
  fill(batch: RowBatch): Promise<'written' | 'refused'>;
  /**
   * Makes everything that was filled findable and durable; call it before the generation is shown.
   * May be repeated, also after a crash. After an early end by the signal, a repeat continues.
   */
  seal(options?: SealOptions): Promise<void>;
  /**
   * Replaces those of these rows that are stored; adds none. A row keeps its instant and gains no
   * keys. When it resolves, the storage no longer holds the former contents; the same goes for an
   * earlier call that was interrupted. `keysIn` returns the keys of a stored row.
   */
  erase(rows: readonly Row[], keysIn: (json: string) => readonly string[]): Promise<void>;
  /** Replaces the row at this position, or removes it (null). */
  repair(position: Position, row: Row | null): Promise<void>;
}
