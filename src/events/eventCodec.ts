import type { MaybeLater } from '../platform/concurrency/maybeLater.ts';
import { beforeDeadline } from '../platform/deadline.ts';
import { noTimeLeft } from './eventErrors.ts';
import type { CallOptions, EventStore, RecordedEvent, StreamAppend } from './eventStore.ts';

/**
 * Converts events on their way into a store and back on their way out. Both adapters use it, so the
 * conversion has one place whatever the store is. It gets each event with its stream.
 */
export interface EventCodec {
  /**
   * The events as stored: same streams, ids, types and revisions, other data and metadata. Nothing
   * is stored if it throws or rejects.
   */
  encode(appends: readonly StreamAppend[], options?: CallOptions): MaybeLater<readonly StreamAppend[]>;
  /** Undoes `encode`, in the same order. If it throws, the read throws the same error. */
  decode(events: readonly RecordedEvent[], options?: CallOptions): MaybeLater<readonly RecordedEvent[]>;
}

/**
 * The store with every event going through the codec. What the store itself remembers of events stays
 * encoded. A call ends at its deadline also while the codec waits, for a key say.
 */
export function withCodec(store: EventStore, codec: EventCodec | undefined): EventStore {
  if (!codec) return store;
  const { appendSeries } = store;
  const encode: EventCodec['encode'] = (appends, options) => inTime(codec.encode(appends, options), options);
  const decoded = async (
    events: readonly RecordedEvent[],
    options?: CallOptions,
  ): Promise<RecordedEvent[]> =>
    events.length === 0 ? [] : [...(await inTime(codec.decode(events, options), options))];

  const subscribers = decodeForSubscribers(decoded);

  async function* encoded(
    series: AsyncIterable<readonly StreamAppend[]>,
  ): AsyncGenerator<readonly StreamAppend[]> {
    for await (const appends of series) yield encode(appends);
  }

  return {
    ...store,
    ...(appendSeries && { appendSeries: (series, options) => appendSeries(encoded(series), options) }),
    append: async (appends, options) => store.append(await encode(appends, options), options),
    readStream: async (stream, options) => decoded(await store.readStream(stream, options), options),
    async readStreams(starts, options) {
      const read = await store.readStreams(starts, options);
      const all = await decoded(read.flat(), options);
      let from = 0;
      return read.map(({ length }) => all.slice(from, (from += length)));
    },
    readAll: async (after, limit, options) => decoded(await store.readAll(after, limit, options), options),
    async *subscribe(options) {
      subscribers.joined();
      try {
        for await (const batch of store.subscribe(options)) {
          yield { ...batch, events: await subscribers.decoded(batch.events) };
        }
      } finally {
        subscribers.left();
      }
    },
  };
}

/** Most decoded events kept for other subscribers, and how long in milliseconds. */
const MAX_KEPT = 4_096;
const MAX_KEPT_MS = 1_000;

/**
 * Decodes each event once for all subscribers that follow closely, if the store gives them the same
 * object. What was decoded is in clear, so it is kept for a second at most, and not past an erasure.
 */
function decodeForSubscribers(decode: (events: readonly RecordedEvent[]) => Promise<RecordedEvent[]>) {
  const kept = new Map<RecordedEvent, RecordedEvent>();
  let subscribers = 0;
  let forgetting: NodeJS.Timeout | null = null;
  /** How many times everything was forgotten. */
  let forgotten = 0;

  function forget(): void {
    forgotten += 1;
    if (forgetting) clearTimeout(forgetting);
    forgetting = null;
    kept.clear();
  }

  /** `forgottenBefore`: `forgotten` when the decoding began. An erasure may have been read since. */
  function keep(
    events: readonly RecordedEvent[],
    decoded: readonly RecordedEvent[],
    forgottenBefore: number,
  ): void {
    const isLate = forgotten > forgottenBefore;
    const erases = events.some(({ type }) => type === 'SubjectErased');
    if (erases || kept.size + events.length > MAX_KEPT) forget();
    if (erases || isLate || subscribers < 2 || events.length > MAX_KEPT) return;
    events.forEach((event, at) => kept.set(event, decoded[at] as RecordedEvent));
    forgetting ??= setTimeout(forget, MAX_KEPT_MS).unref();
  }

  return {
    joined(): void {
      subscribers += 1;
    },
    left(): void {
      subscribers -= 1;
      if (subscribers < 2) forget();
    },
    async decoded(events: readonly RecordedEvent[]): Promise<RecordedEvent[]> {
      const known = events.map((event) => kept.get(event));
      const missing = events.filter((_, at) => !known[at]);
      const forgottenBefore = forgotten;
      const decoded = await decode(missing);
      keep(missing, decoded, forgottenBefore);
      let next = 0;
      return known.map((event) => event ?? (decoded[next++] as RecordedEvent));
    },
  };
}

function inTime<T>(work: MaybeLater<T>, { deadline }: CallOptions = {}): MaybeLater<T> {
  return work instanceof Promise ? beforeDeadline(deadline, work, noTimeLeft) : work;
}
