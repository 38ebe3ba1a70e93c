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

/** The stream of the subject that holds a value, else of the one that held it last; null when nobody ever did. */
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

/** The stream of the subject that held a value last, its present holder included; null when nobody ever did. */
export async function lastHolder<State>(
  { reservations }: Pick<CommandSide, 'reservations'>,
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  value: UniqueValue,
  { deadline }: CallOptions = {},
): Promise<string | null> {
  // A claim is not yet a holder: the command may have failed behind it.
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
