import { createHash, type Hash } from 'node:crypto';
import type { EventStore, Position, RecordedEvent } from '../../events/eventStore.ts';

/** Events per read, in both logs. */
const PAGE = 1_000;

/** The target holds something other than the beginning of the source. */
export class OtherLogError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OtherLogError';
  }
}

/** How far two logs have been compared and found equal. */
export interface Compared {
  /** Events that both hold. */
  events: number;
  /** The last of them, in each log; null: none yet. */
  at: { source: Position | null; target: Position | null };
  /** Over streams, revisions, ids, types, data and metadata of these events, in log order. */
  hash: Hash;
}

export const nothingCompared = (): Compared => ({
  events: 0,
  at: { source: null, target: null },
  hash: createHash('sha256'),
});

/**
 * Goes on comparing both logs, from where `from` ended to the end of the target, and reports how many events are equal so far.
 * Throws OtherLogError at the first difference.
 */
export async function compareOn(
  { source, target }: { source: EventStore; target: EventStore },
  from: Compared,
  onEvents: (events: number) => void,
): Promise<Compared> {
  const hash = from.hash.copy();
  let { events, at } = from;
  for (;;) {
    const theirs: RecordedEvent[] = await target.readAll(at.target, PAGE);
    const ours: RecordedEvent[] = theirs.length === 0 ? [] : await source.readAll(at.source, theirs.length);
    for (const [index, copy] of theirs.entries()) {
      const original = ours[index];
      if (!original || contentOf(original) !== contentOf(copy)) {
        throw new OtherLogError(
          `the target is not a copy of this log: its event ${events + index + 1}, ${copy.stream}@${copy.revision}, differs from the source's`,
        );
      }
      hash.update(contentOf(copy)).update('\n');
    }
    const last = theirs.at(-1);
    if (!last) return { events, at, hash };
    events += theirs.length;
    at = { source: ours.at(-1)?.position ?? at.source, target: last.position };
    onEvents(events);
  }
}

/**
 * An event without its position, which differs between logs. Members are ordered, because stores
 * may reorder them.
 */
const contentOf = ({ stream, revision, id, type, data, metadata }: RecordedEvent): string =>
  JSON.stringify(ordered([stream, revision, id, type, data, metadata]));

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([member, inner]) => [member, ordered(inner)]));
}
