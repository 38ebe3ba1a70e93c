import { LRUCache } from 'lru-cache';
import type { EventMark, RecordedEvent } from '../../../eventStore.ts';

/** The newest event of a stream that this process has appended or read. */
export interface KnownEnd {
  revision: number;
  mark: EventMark;
}

export interface KnownRevisions {
  /** The newest known event of a stream; undefined where none is known. */
  at(stream: string): KnownEnd | undefined;
  /** Notes an event that the store acknowledged or showed. */
  saw(event: Pick<RecordedEvent, 'stream' | 'revision' | 'position' | 'id'>): void;
  forget(stream: string): void;
  /** Forgets every stream: the log is another one. */
  clear(): void;
}

/** Some 2 MB. A stream that drops out is no longer checked. */
const MAX_STREAMS = 10_000;

/**
 * What a read may not fall behind: a node that is no longer the leader, and does not know it yet, answers with what it
 * has.
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
