import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import { prepareQuery } from '../../../../platform/sqlite/statements.ts';
import type { Checkpoint } from '../../../record/viewDeclaration.ts';

/** A file with a generation's data and its checkpoint. */
export interface GenerationFile {
  checkpoint(): Promise<Checkpoint | null>;
  /** The checkpoint, read synchronously. */
  checkpointNow(): Checkpoint | null;
  close(): void;
}

/** Positions are texts, only compared for equality: a number does not hold all of them exactly. */
export const CHECKPOINT_SCHEMA = `
  CREATE TABLE IF NOT EXISTS file.checkpoint (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    position TEXT NOT NULL,
    event_position TEXT,
    event_id TEXT
  ) STRICT;
`;

/** A generation's checkpoint, in its file: it moves in the transaction that writes the data. */
export function checkpointTable(db: Database) {
  const read = prepareQuery(db, 'SELECT position, event_position, event_id FROM checkpoint', toCheckpoint);
  const first = db.prepare(
    'INSERT INTO checkpoint (one, position, event_position, event_id) VALUES (1, ?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const move = db.prepare(
    'UPDATE checkpoint SET position = ?, event_position = ?, event_id = ? WHERE position = ? AND event_id IS ?',
  );

  return {
    read: (): Checkpoint | null => read.get() ?? null,
    /** Moves it by compare-and-set; false if it was not `from`. */
    move(from: Checkpoint | null, { position, event }: Checkpoint): boolean {
      const next = [String(position), event ? String(event.position) : null, event?.id ?? null];
      const moved = from
        ? move.run(...next, String(from.position), from.event?.id ?? null)
        : first.run(...next);
      return moved.changes !== 0;
    },
  };
}

const toCheckpoint = ([position, at, id]: [string, string | null, string | null]): Checkpoint => ({
  position: BigInt(position),
  event: at !== null && id !== null ? { position: BigInt(at), id } : null,
});
