import { LRUCache } from 'lru-cache';
import type { CallOptions } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import type { Aggregate, Loaded, UniqueValue } from '../../domain/aggregate.ts';
import type { Repository } from '../handling/repository.ts';
import { holds, type Reservations } from './reservations.ts';

/** Memory for the values whose holder is remembered: some 100,000 DNIs. A hint, checked on the holder's stream each time. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;
const ENTRY_BYTES = 120;

/** A subject with its stream's name. */
export interface Found<State> {
  stream: string;
  loaded: Loaded<State>;
}

/** Who holds a DNI or a cuenta: by the reservation, never by a view (contract, section 3). */
export interface UniqueValueLookups {
  /**
   * The subject that holds the value, null when nobody does. `seen`: as this process last saw it, enough where an append guards the
   * decision; `fresh`: as its stream is now. Nobody holding it is always a fresh answer.
   */
  holder<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    how: 'seen' | 'fresh',
    options?: CallOptions,
  ): Promise<Found<State> | null>;
}

export function createUniqueValueLookups({
  repository,
  reservations,
}: {
  repository: Repository;
  reservations: Reservations;
}): UniqueValueLookups {
  const streams = new LRUCache<string, string>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: (stream, name) => ENTRY_BYTES + stream.length + 2 * name.length,
  });

  return {
    async holder(aggregate, value, how, options) {
      const name = `${value.space} ${value.value}`;
      const known = streams.get(name);
      if (known !== undefined) {
        const loaded = await repository[how](aggregate, known, options);
        if (holds(aggregate, loaded, value)) return { stream: known, loaded };
      }
      const stream = await reservations.lastClaimant(value, options);
      if (stream === null || !subjectOf(stream)) return null;
      const loaded = await repository.fresh(aggregate, stream, options);
      if (!holds(aggregate, loaded, value)) return null;
      streams.set(name, stream);
      return { stream, loaded };
    },
  };
}
