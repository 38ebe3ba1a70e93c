import { encodePayload } from '../../codec.ts';
import type { AppendResult, EventMark, NewEvent, RecordedEvent, StreamAppend } from '../../eventStore.ts';
import { expectValidAppends } from '../expectValidAppends.ts';
import type { EncodedEvent, EventLog } from './log/eventLog.ts';
import type { KnownRevisions } from './knownRevisions.ts';

/** An append to one stream, checked and encoded. */
export interface EncodedAppend {
  stream: string;
  expected: number;
  events: readonly NewEvent[];
  encoded: readonly EncodedEvent[];
}

/**
 * Checks and encodes one caller's appends before they join a group, so that invalid ones do not
 * fail the others. Throws TypeError if a stream is named twice or has no events, or if a revision
 * is not an integer.
 */
export function encodeAppends(appends: readonly StreamAppend[]): EncodedAppend[] {
  expectValidAppends(appends);
  return appends.map(({ stream, expected, events }) => ({
    stream,
    expected,
    events,
    encoded: events.map(({ id, type, data, metadata }) => ({
      id,
      type,
      data: encodePayload(data),
      metadata: encodePayload(metadata),
    })),
  }));
}

/** What a group of appends has written. */
export interface Written {
  /** The events in order; null where nobody follows the log. */
  readonly events: RecordedEvent[] | null;
  last: EventMark | null;
}

/**
 * Writes one caller's appends. Checks every stream before writing to the first, so a conflict
 * leaves nothing behind.
 */
export function appendAll(
  log: EventLog,
  known: KnownRevisions,
  appends: readonly EncodedAppend[],
  written: Written,
): AppendResult {
  const repeated = new Map<EncodedAppend, bigint>();
  for (const append of appends) {
    const actual = known.get(append.stream) ?? log.revisionOf(append.stream);
    if (actual === append.expected) continue;
    const position = positionOfRepeat(log, append);
    if (position === null) return { outcome: 'conflict', stream: append.stream, actual };
    repeated.set(append, position);
  }
  let position = 0n;
  for (const append of appends) {
    const earlier = repeated.get(append);
    if (earlier !== undefined) {
      position = earlier;
      continue;
    }
    append.encoded.forEach((encoded, index) => {
      const revision = append.expected + 1 + index;
      position = BigInt(log.insert(append.stream, revision, encoded));
      written.last = { position, id: encoded.id };
      const { id, type, data, metadata } = append.events[index] as NewEvent;
      written.events?.push({ id, type, data, metadata, stream: append.stream, revision, position });
    });
    known.appended(append.stream, append.expected, append.expected + append.encoded.length);
  }
  return { outcome: 'appended', position };
}

/**
 * The position of the last event if exactly these events are already stored at their revisions,
 * else null.
 */
function positionOfRepeat(log: EventLog, { stream, expected, events }: EncodedAppend): bigint | null {
  const stored = log.idsAt(stream, expected + 1, events.length);
  const same = stored.length === events.length && stored.every(({ id }, index) => id === events[index]?.id);
  const last = stored.at(-1);
  return same && last ? BigInt(last.position) : null;
}
