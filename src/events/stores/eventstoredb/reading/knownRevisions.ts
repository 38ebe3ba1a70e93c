import { LRUCache } from 'lru-cache';
import type { EventMark, RecordedEvent } from '../../../eventStore.ts';

/** The newest event of a stream that this process has appended or read. */
export interface KnownEnd {
  revision: number;
  mark: EventMark;
}

export interface KnownRevisions {
  /** The newest known event of a stream, if any. */
  at(stream: string): KnownEnd | undefined;
  /** Records an event that the store acknowledged or returned. */
  saw(event: Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'id'>): void;
  forget(stream: string): void;
  /** Forgets every stream, because the log was replaced. */
  clear(): void;
}

/** About 2 MB. A stream that is evicted is no longer checked. */
const MAX_STREAMS = 10_000;

/**
 * The newest event of each stream that this process knows. A read must not return less: a node that
 * has lost leadership without noticing answers from an older state.
 */
export function knownRevisions(): KnownRevisions {
  const ends = new LRUCache<string, KnownEnd>({ max: MAX_STREAMS });
  return {
    at: (stream) => ends.get(stream),
    saw({ stream, revision, position, id }) {
      const known = ends.get(stream);
      if (!known || known.revision < revision) ends.set(stream, { revision, mark: { position, id } });
    },
    forget(stream) {
      ends.delete(stream);
    },
    clear() {
      ends.clear();
    },
  };
}
