import {
  applyRecorded,
  NOTHING_LOADED,
  type Aggregate,
  type Loaded,
  type UniqueValue,
} from '../domain/aggregate.ts';
import type { CommandSide } from '../commands/handling/commandSide.ts';
import { holds } from '../commands/claims/reservations.ts';
import { readSkips, type Skips } from '../events/bookkeeping/skips.ts';
import { eventsOf, type CallOptions, type EventStore } from '../events/eventStore.ts';

/**
 * The stream of the subject that holds a value, or else held it last; null if there never was one.
 */
export async function holderOrLast<State>(
  { lookups, reservations }: Pick<CommandSide, 'lookups' | 'reservations'>,
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  value: UniqueValue,
  { deadline }: CallOptions = {},
): Promise<string | null> {
  const holder = await lookups.holder(aggregate, value, 'fresh', { deadline });
  return holder ? holder.stream : lastHolder({ reservations }, store, aggregate, value, { deadline });
}

/**
 * The stream of the subject that held a value last, which may be the present holder; null if there
 * never was one.
 */
export async function lastHolder<State>(
  { reservations }: Pick<CommandSide, 'reservations'>,
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  value: UniqueValue,
  { deadline }: CallOptions = {},
): Promise<string | null> {
  // A claim alone does not make a holder: its command may have failed.
  const skips = await readSkips(store, { deadline });
  for await (const stream of reservations.claimants(value, { deadline })) {
    if (await hasHeld(store, aggregate, stream, value, { deadline, skips })) return stream;
  }
  return null;
}

async function hasHeld<State>(
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  stream: string,
  value: UniqueValue,
  { deadline, skips }: CallOptions & { skips: Skips },
): Promise<boolean> {
  let loaded: Loaded<State> = NOTHING_LOADED;
  for await (const event of eventsOf(store, stream, 0, 500, { deadline })) {
    loaded = applyRecorded(aggregate, loaded, event, skips);
    if (holds(aggregate, loaded, value)) return true;
  }
  return false;
}
