import { LRUCache } from 'lru-cache';
import { NO_REVISION } from '../../eventStore.ts';

/** Streams cached: about 10 MB when full. */
const MAX_CACHED = 100_000;

/**
 * The last revisions of streams that this process knows. Most reads of a stream ask for what is
 * new, and usually nothing is: then no statement runs (a tenth of a microsecond instead of five).
 * Valid as long as no other connection writes to the file; dropped entirely when one does.
 */
export interface KnownRevisions {
  get(stream: string): number | undefined;
  set(stream: string, revision: number): void;
  /** After an append to a stream that was at `expected`. */
  appended(stream: string, expected: number, revision: number): void;
  forget(): void;
}

/** `ofNew`: whether new streams are kept. An import asks for none again, and keeping them took a thirtieth of its time. */
export function knownRevisions({ ofNew }: { ofNew: boolean }): KnownRevisions {
  const known = new LRUCache<string, number>({ max: MAX_CACHED });
  return {
    get: (stream) => known.get(stream),
    set: (stream, revision) => {
      known.set(stream, revision);
    },
    appended: (stream, expected, revision) => {
      if (ofNew || expected !== NO_REVISION || known.has(stream)) known.set(stream, revision);
    },
    forget: () => {
      // Clearing costs as much as the map's capacity, and a follower clears after every commit.
      if (known.size > 0) known.clear();
    },
  };
}
