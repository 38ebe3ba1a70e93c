import { LRUCache } from 'lru-cache';

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
  forget(): void;
}

export function knownRevisions(): KnownRevisions {
  const known = new LRUCache<string, number>({ max: MAX_CACHED });
  return {
    get: (stream) => known.get(stream),
    set: (stream, revision) => {
      known.set(stream, revision);
    },
    forget: () => {
      // Clearing costs as much as the map's capacity, and a follower clears after every commit.
      if (known.size > 0) known.clear();
    },
  };
}
