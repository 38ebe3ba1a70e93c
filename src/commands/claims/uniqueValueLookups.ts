import { LRUCache } from 'lru-cache';
import type { CallOptions } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { Aggregate, Loaded, UniqueValue } from '../../domain/aggregate.ts';
import type { Repository } from '../loading/repository.ts';
import { holds, type Reservations } from './reservations.ts';

/** Cache of holders, about 100,000 DNIs. Each hit is verified on the holder's stream. */
const MAX_CACHED_BYTES = 16 * 1024 * 1024;
const ENTRY_BYTES = 120;

/** A subject and the name of its stream. */
export interface Found<State> {
  stream: string;
  loaded: Loaded<State>;
}

/** Finds the holder of a DNI or a cuenta through its reservation, never through a view. */
export interface UniqueValueLookups {
  /**
   * The subject that holds the value, or null. `seen`: as this process last saw it, which is enough
   * if an append guards the decision; `fresh`: as its stream is now. Null is always a fresh answer.
   */
  holder<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    how: 'seen' | 'fresh',
    options?: CallOptions,
  ): Promise<Found<State> | null>;
  /**
   * Drops all values of this stream from the cache, also for lookups under way. Takes time proportional
   * to the cache.
   */
  forget(stream: string): void;
}

export function createUniqueValueLookups({
  repository,
  reservations,
}: {
  repository: Repository;
  reservations: Reservations;
}): UniqueValueLookups {
  const streams = new LRUCache<string, string>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: (stream, name) => ENTRY_BYTES + stream.length + 2 * name.length,
  });

  /** How often a stream was forgotten: a lookup that began before caches nothing. */
  let forgets = 0;

  return {
    async holder(aggregate, value, how, options) {
      const name = `${value.space} ${value.value}`;
      const before = forgets;
      const known = streams.get(name);
      if (known !== undefined) {
        const loaded = await repository[how](aggregate, known, options);
        if (holds(aggregate, loaded, value)) return { stream: known, loaded };
      }
      const stream = await reservations.lastClaimant(value, options);
      if (stream === null || !subjectOf(stream)) return null;
      const loaded = await repository.fresh(aggregate, stream, options);
      if (!holds(aggregate, loaded, value)) return null;
      if (forgets === before) streams.set(name, stream);
      return { stream, loaded };
    },
    forget(stream) {
      forgets += 1;
      for (const [name, known] of streams.entries()) if (known === stream) streams.delete(name);
    },
  };
}
