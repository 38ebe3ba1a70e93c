import type { EventBatch, EventStore, SubscribeOptions } from '../../events/eventStore.ts';
import { monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import { startReading, type SharedReading } from './sharedReading.ts';

/**
 * The store, with subscriptions shared by subscribers that start after the same position at about
 * the same time, so that a first build of several views reads, decodes and decrypts each event once.
 * Subscribers take the batches at their own pace and leave at any time. One that falls far behind
 * continues with a subscription of its own, and so do all before an event whose key is missing. Any
 * other error of the shared one is thrown at all of them. `views` are all subscribers.
 */
export function shareReadings(
  store: EventStore,
  views: readonly { prefixes: readonly string[] }[],
  timer: MonotonicClock = monotonicClock,
): EventStore {
  const prefixes = [...new Set(views.flatMap((view) => view.prefixes))];
  let open: SharedReading[] = [];

  function readingFor({ after, limit }: SubscribeOptions): SharedReading {
    open = open.filter((reading) => !reading.isOver());
    const found = open.find((reading) => reading.isOpenFor({ after, limit }));
    if (found) return found;
    const reading = startReading(store, { after, limit, prefixes }, { mostReaders: views.length, timer });
    open.push(reading);
    return reading;
  }

  async function* subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    if (!options.signal.aborted) yield* readingFor(options).batchesFor(options);
  }

  return { ...store, subscribe };
}
