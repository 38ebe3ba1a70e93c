import type {
  EventBatch,
  EventStore,
  Position,
  RecordedEvent,
  SubscribeOptions,
} from '../../../src/events/eventStore.ts';
import { OWN_PREFIXES } from '../../../src/events/streams.ts';

/** What a subscription has delivered so far. */
export interface Seen {
  events: RecordedEvent[];
  batches: EventBatch[];
  /** The position of the last batch. */
  last: Position;
  /** Whether any batch said so. */
  caughtUp: boolean;
}

/** Follows a subscription until `enough` holds after a batch; a rule broken here shows as the test's timeout. */
export async function upTo(
  store: EventStore,
  options: Partial<SubscribeOptions>,
  enough: (seen: Seen) => boolean | Promise<boolean>,
): Promise<Seen> {
  const seen: Seen = { events: [], batches: [], last: 0n, caughtUp: false };
  const abort = new AbortController();
  for await (const batch of store.subscribe({ ...everything(), signal: abort.signal, ...options })) {
    seen.batches.push(batch);
    seen.events.push(...batch.events);
    seen.last = batch.position;
    seen.caughtUp ||= batch.caughtUp;
    if (await enough(seen)) break;
  }
  abort.abort();
  return seen;
}

/** A subscription to all of our own streams, from the start. */
export function everything(): Omit<SubscribeOptions, 'signal'> {
  return { after: null, prefixes: OWN_PREFIXES, limit: 100 };
}
