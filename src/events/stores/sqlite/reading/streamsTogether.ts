import { prepareQuery, type Query } from '../../../../platform/sqlite/statements.ts';
import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import { decodeData, decodeFoldedMetadata } from '../../../codec.ts';
import {
  isBeyond,
  type ReadStreamsOptions,
  type RecordedEvent,
  type StreamStart,
} from '../../../eventStore.ts';
import { likelyEnds } from './likelyEnds.ts';

type Row = readonly [
  key: number,
  position: number,
  revision: number,
  id: string,
  type: string,
  data: string,
  metadata: string,
];

/** Length of an instant up to its seconds. */
const SECOND = '2026-01-01T00:00:00'.length;
/**
 * A row's instant up to its seconds, as text. In JSON as JSON.stringify writes it, no value can be
 * mistaken for this member's name.
 */
const INSTANT = `substr(metadata, instr(metadata, '"occurredAt":"') + 14, ${SECOND})`;
/** CROSS JOIN fixes the order of the loops and so of the rows: by stream, then by revision. */
const WANTED = `FROM json_each(?) AS wanted CROSS JOIN events ON stream = wanted.value ->> 0`;

/** The rest to read of the start at `index`: revisions from `from` up to but not including `to`. */
interface Rest {
  index: number;
  from: number;
  to: number;
}

/**
 * Reads many streams with one statement. See EventStore.readStreams. Rows dominate the cost, so rows
 * beyond the horizon are not fetched: it reads up to the position at which the log probably passes
 * the horizon, then checks the next event of each stream and reads on only where that is within it.
 */
export function streamsTogether(
  db: Database,
): (starts: readonly StreamStart[], options: ReadStreamsOptions) => RecordedEvent[][] {
  const rowsWith = (data: string): Query<Row> =>
    prepareQuery(
      db,
      `SELECT wanted.key, position, revision, events.id, events.type, ${data}, metadata ${WANTED}
         AND revision >= wanted.value ->> 1 AND revision < wanted.value ->> 2
       WHERE position <= ?`,
      (row: Row) => row,
    );
  const [whole, withoutData] = [rowsWith('data'), rowsWith(`'{}'`)];
  const notBeyond = prepareQuery(
    db,
    `SELECT wanted.key ${WANTED} AND revision = wanted.value ->> 1
     WHERE position <= ? AND NOT (${INSTANT} > ? AND ${INSTANT} GLOB '2[0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*')`,
    ([key]: readonly [number]) => key,
  );
  const likelyEndOf = likelyEnds(db);

  return (starts, { horizon, limit, withData = true }) => {
    const found = starts.map((): RecordedEvent[] => []);
    const wantedOf = (rests: readonly Rest[]): string =>
      JSON.stringify(rests.map(({ index, from, to }) => [starts[index]?.stream, from, to]));

    /** Reads rests up to a position, and returns what may be left of them. */
    function read(rests: readonly Rest[], upTo: bigint): Rest[] {
      const rows = (withData ? whole : withoutData).all(wantedOf(rests), upTo);
      const next = rests.map(({ from }): number | null => from);
      for (const [key, place, revision, id, type, data, text] of rows) {
        if (next[key] === null) continue;
        const [position, metadata] = [BigInt(place), decodeFoldedMetadata(text)];
        if (isBeyond({ position, metadata }, horizon)) {
          next[key] = null;
          continue;
        }
        const { index } = rests[key] as Rest;
        const { stream } = starts[index] as StreamStart;
        found[index]?.push({ stream, revision, position, id, type, data: decodeData(data), metadata });
        next[key] = revision + 1;
      }
      return rests.flatMap(({ index, to }, key) => {
        const from = next[key] ?? to;
        return from < to ? { index, from, to } : [];
      });
    }

    const all = starts.map(({ from }, index) => ({ index, from, to: from + limit }));
    const end = likelyEndOf(horizon);
    const left = read(all, end);
    if (end === horizon.upTo || left.length === 0) return found;
    const second = new Date(horizon.at).toISOString().slice(0, SECOND);
    const goesOn = notBeyond.all(wantedOf(left), horizon.upTo, second).map((key) => left[key] as Rest);
    if (goesOn.length > 0) read(goesOn, horizon.upTo);
    return found;
  };
}
