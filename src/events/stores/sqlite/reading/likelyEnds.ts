import { prepareQuery } from '../../../../platform/sqlite/statements.ts';
import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import { decodeMetadata } from '../../../codec.ts';
import { isBeyond, type Horizon, type Position } from '../../../eventStore.ts';

/**
 * The last position within a horizon, assuming that instants grow with positions, which is almost
 * true: the clocks of instances differ a little. A binary search reads some twenty events; the last
 * result is cached, because a horizon is usually read many times in a row.
 */
export function likelyEnds(db: Database): (horizon: Horizon) => Position {
  const last = prepareQuery(db, 'SELECT max(position) FROM events', ([position]: readonly [number | null]) =>
    BigInt(position ?? 0),
  );
  const nextFrom = prepareQuery(
    db,
    'SELECT position, metadata FROM events WHERE position >= ? ORDER BY position LIMIT 1',
    ([position, metadata]: readonly [number, string]) => ({
      position: BigInt(position),
      metadata: decodeMetadata(metadata),
    }),
  );
  let known: Horizon & { end: Position } = { at: NaN, upTo: 0n, end: 0n };

  function search(horizon: Horizon): Position {
    const { upTo } = horizon;
    const lastPosition = last.get() ?? 0n;
    let within = 0n;
    let beyond = (lastPosition < upTo ? lastPosition : upTo) + 1n;
    const most = beyond;
    while (beyond - within > 1n) {
      const middle = (within + beyond) / 2n;
      const event = nextFrom.get(middle);
      if (event && !isBeyond(event, horizon)) within = event.position;
      else beyond = middle;
    }
    return beyond === most ? upTo : within;
  }

  return (horizon) => {
    const { at, upTo } = horizon;
    if (known.at !== at || known.upTo !== upTo) known = { at, upTo, end: search(horizon) };
    return known.end;
  };
}
