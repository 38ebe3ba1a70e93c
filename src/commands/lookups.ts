import { LRUCache } from 'lru-cache';
import type { Aggregate, Loaded, UniqueValue } from './aggregate.ts';
import type { Repository } from './repository.ts';
import { holds, type Reservations } from './reservations.ts';

/** Values whose holder is remembered; the memory is only a hint, checked on the holder's stream each time. */
const KEPT_VALUES = 100_000;

/** A subject with its stream's name. */
export interface Found<State> {
  stream: string;
  loaded: Loaded<State>;
}

/** Who holds a DNI or a cuenta: by the reservation, never by a view (contract, section 3). */
export interface Lookups {
  /**
   * The subject that holds the value, null when nobody does. `seen`: as this process last saw it, enough where an append guards the
   * decision; `fresh`: as its stream is now. Nobody holding it is always a fresh answer.
   */
  holder<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    how: 'seen' | 'fresh',
  ): Promise<Found<State> | null>;
}

export function createLookups({
  repository,
  reservations,
}: {
  repository: Repository;
  reservations: Reservations;
}): Lookups {
  const streams = new LRUCache<string, string>({ max: KEPT_VALUES });

  return {
    async holder(aggregate, value, how) {
      const name = `${value.space} ${value.value}`;
      const known = streams.get(name);
      if (known !== undefined) {
        const loaded = await repository[how](aggregate, known);
        if (holds(aggregate, loaded, value)) return { stream: known, loaded };
      }
      const stream = await reservations.lastClaimant(value);
      if (stream === null) return null;
      const loaded = await repository.fresh(aggregate, stream);
      if (!holds(aggregate, loaded, value)) return null;
      streams.set(name, stream);
      return { stream, loaded };
    },
  };
}
