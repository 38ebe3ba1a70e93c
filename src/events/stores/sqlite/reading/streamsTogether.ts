import { prepareQuery, type Query } from '../../../../platform/sqlite/statements.ts';
import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import { decodeData, decodeMetadata } from '../../../codec.ts';
import {
  isBeyond,
  type ReadStreamsOptions,
  type RecordedEvent,
  type StreamStart,
} from '../../../eventStore.ts';

type Row = readonly [
  index: number,
  position: number,
  revision: number,
  id: string,
  type: string,
  data: string,
  metadata: string,
];

/** An instant up to its second. */
const SECOND = '2026-01-01T00:00:00'.length;
/**
 * The second of a row's instant, as text: rows of a later second are left in the file, for a row costs more than this look at it. What is exactly
 * within the horizon is decided on what is decoded. Metadata is JSON as JSON.stringify writes it, in which no value looks like this name.
 */
const INSTANT = `substr(metadata, instr(metadata, '"occurredAt":"') + 14, ${SECOND})`;

/**
 * Reads many streams with one statement. See EventStore.readStreams. The order of the two loops makes the order of the rows: stream by stream,
 * each in the order of the index of revisions.
 */
export function streamsTogether(
  db: Database,
): (starts: readonly StreamStart[], options: ReadStreamsOptions) => RecordedEvent[][] {
  const rowsWith = (data: string): Query<Row> =>
    prepareQuery(
      db,
      `SELECT wanted.key, position, revision, events.id, events.type, ${data}, metadata
       FROM json_each(?) AS wanted CROSS JOIN events
         ON stream = wanted.value ->> 0 AND revision >= wanted.value ->> 1 AND revision < (wanted.value ->> 1) + ?
       WHERE position <= ? AND NOT (${INSTANT} > ? AND ${INSTANT} GLOB '2[0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]T*')`,
      (row: Row) => row,
    );
  const [whole, withoutData] = [rowsWith('data'), rowsWith(`'{}'`)];

  return (starts, { horizon, limit, withData = true }) => {
    const found = starts.map((): RecordedEvent[] => []);
    const wanted = JSON.stringify(starts.map(({ stream, from }) => [stream, from]));
    const second = new Date(horizon.at).toISOString().slice(0, SECOND);
    const rows = (withData ? whole : withoutData).all(wanted, limit, horizon.upTo, second);
    /** The stream of which the rest is beyond the horizon. */
    let ended = -1;
    for (const [index, place, revision, id, type, data, text] of rows) {
      if (index === ended) continue;
      const [position, metadata] = [BigInt(place), decodeMetadata(text)];
      if (isBeyond({ position, metadata }, horizon)) {
        ended = index;
        continue;
      }
      const { stream } = starts[index] as StreamStart;
      found[index]?.push({ stream, revision, position, id, type, data: decodeData(data), metadata });
    }
    return found;
  };
}
