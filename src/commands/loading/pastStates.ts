import { LRUCache } from 'lru-cache';
import type { Loaded } from '../../domain/aggregate.ts';
import { bytesOf } from './stateSize.ts';

/** Size of everything kept, by the estimate of bytesOf: the states of some 1,500,000 revisions of users. */
const MAX_CACHED_BYTES = 16 * 1024 * 1024;

/** A place in a stream: a revision, and the latest instant up to there in milliseconds since 1970. */
export interface StreamPlace {
  revision: number;
  latestAt: number;
}

/** A subject as it was after one of its events. */
export interface PastState extends StreamPlace {
  loaded: Loaded<object | null>;
  /** The id of that event. */
  eventId: string;
}

/** The states that are kept of one stream. */
export interface StreamPast {
  /** The last kept state at a place that is not after the wanted one, and whether a later one is kept. */
  nearest(isAfter: (place: StreamPlace) => boolean): { found: PastState | null; isLast: boolean };
  /** Keeps a state later than those that are kept, unless the stream was forgotten since `of`. */
  keep(state: PastState): void;
}

/** States that subjects had in the past, so that a fold up to a late revision need not begin at the first. */
export interface PastStates {
  of(stream: string): StreamPast;
  /** Drops all states of a stream, including those that a fold under way would still keep. */
  forget(stream: string): void;
}

export function createPastStates(maxBytes = MAX_CACHED_BYTES): PastStates {
  const streams = new LRUCache<string, { states: PastState[]; bytes: number }>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
  });

  return {
    of(stream) {
      const kept = streams.get(stream) ?? { states: [], bytes: bytesOf(null, stream) };
      if (!streams.has(stream)) streams.set(stream, kept);
      const { states } = kept;
      return {
        nearest(isAfter) {
          const next = states.findIndex(isAfter);
          const found = next === -1 ? states.at(-1) : states[next - 1];
          return { found: found ?? null, isLast: next === -1 };
        },
        keep(state) {
          const isLater = state.revision > (states.at(-1)?.revision ?? -1);
          // Another object if the stream was forgotten or evicted.
          if (!isLater || streams.peek(stream) !== kept) return;
          states.push(state);
          kept.bytes += bytesOf(state.loaded.state, stream);
          // The cache would not measure the same object again.
          streams.delete(stream);
          streams.set(stream, kept);
        },
      };
    },
    forget(stream) {
      streams.delete(stream);
    },
  };
}
