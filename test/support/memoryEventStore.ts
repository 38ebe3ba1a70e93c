import { EventStoreError } from '../../src/events/eventErrors.ts';
import {
  expectTimeLeft,
  markOf,
  NO_REVISION,
  type AppendResult,
  type EventBatch,
  type EventStore,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '../../src/events/eventStore.ts';
import { expectValidAppends } from '../../src/events/stores/expectValidAppends.ts';
import { readEach } from '../../src/events/stores/readEach.ts';
import { encodePayload } from '../../src/events/codec.ts';
import { withCodec, type EventCodec } from '../../src/events/eventCodec.ts';
import { replacements, type Replacements } from '../../src/events/bookkeeping/replacements.ts';
import { appendSignal } from '../../src/events/stores/sqlite/log/wakeUpCall.ts';
import { isOwnStream, startsWithOneOf } from '../../src/events/streams.ts';

/** The log of an event store in memory, shared by all stores that are opened on it. */
export interface MemoryLog {
  events: RecordedEvent[];
  news: ReturnType<typeof appendSignal>;
  replaced: Replacements;
}

export const memoryLog = (): MemoryLog => ({ events: [], news: appendSignal(), replaced: replacements() });

/** Replaces the log's events, as restoring a backup under a running padron does. */
export function replaceLog(log: MemoryLog, events: readonly RecordedEvent[]): void {
  log.events = [...events];
  log.replaced.happened();
  log.news.call();
}

/**
 * An event store in memory that cannot append to several streams atomically: the model that the real ones are compared with, and
 * the one on which a test can stop a process between two streams. `step` runs before every operation, and for each stream of an
 * append; it may wait, or never return.
 */
export function memoryEventStore(
  log: MemoryLog,
  step: (what: string) => Promise<void> = async () => {},
  codec?: EventCodec,
): EventStore {
  const closing = new AbortController();
  const own = (): RecordedEvent[] => log.events.filter(({ stream }) => isOwnStream(stream));
  const inStream = (name: string): RecordedEvent[] => log.events.filter(({ stream }) => stream === name);

  function appendOne({ stream, expected, events }: StreamAppend): AppendResult {
    const there = inStream(stream);
    const actual = there.at(-1)?.revision ?? NO_REVISION;
    if (actual !== expected) {
      const stored = there.slice(expected + 1, expected + 1 + events.length);
      const isRepeat = stored.length === events.length && stored.every(({ id }, i) => id === events[i]?.id);
      return isRepeat ? { outcome: 'appended', position: null } : { outcome: 'conflict', stream, actual };
    }
    for (const [index, event] of events.entries()) {
      const copy = JSON.parse(encodePayload(event)) as RecordedEvent;
      log.events.push({
        ...copy,
        stream,
        revision: expected + 1 + index,
        position: BigInt(log.events.length + 1),
      });
    }
    log.news.call();
    return { outcome: 'appended', position: log.events.at(-1)?.position ?? null };
  }

  async function* follow(
    { after, prefixes, limit }: Omit<SubscribeOptions, 'signal'>,
    ends: AbortSignal,
  ): AsyncGenerator<EventBatch> {
    let position = after ?? 0n;
    for (let isBehind = true; !ends.aborted;) {
      const calls = log.news.calls();
      const page = log.events.filter((event) => event.position > position).slice(0, limit);
      const caughtUp = page.length < limit;
      position = page.at(-1)?.position ?? position;
      const events = page.filter(({ stream }) => isOwnStream(stream) && startsWithOneOf(stream, prefixes));
      const isNews = page.length > 0 || (isBehind && caughtUp);
      isBehind = !caughtUp;
      if (isNews) yield { events, position, mark: markOf(page.at(-1)), caughtUp };
      if (caughtUp) await log.news.wait(calls, ends);
    }
  }

  const store: EventStore = {
    atomic: false,
    async append(appends, call) {
      if (closing.signal.aborted) throw new EventStoreError('closed', { outcomeUnknown: false });
      expectTimeLeft(call);
      expectValidAppends(appends);
      for (const { events } of appends) {
        for (const event of events) encodePayload(event);
      }
      let result: AppendResult = { outcome: 'appended', position: null };
      for (const one of appends) {
        await step(`append ${one.stream}`);
        result = appendOne(one);
        if (result.outcome === 'conflict') return result;
      }
      return result;
    },
    async readStream(stream, { from, backwards = false, limit, deadline }) {
      expectTimeLeft({ deadline });
      await step(`read ${stream}`);
      const events = inStream(stream);
      if (!backwards) return events.filter(({ revision }) => revision >= (from ?? 0)).slice(0, limit);
      return events
        .filter(({ revision }) => revision <= (from ?? Infinity))
        .reverse()
        .slice(0, limit);
    },
    readStreams: (starts, options) => readEach(store, starts, { ...options, atOnce: 1 }),
    readAll: async (after, limit, call) => {
      expectTimeLeft(call);
      return own()
        .filter(({ position }) => position > (after ?? 0n))
        .slice(0, limit);
    },
    subscribe: ({ signal, ...options }) =>
      log.replaced.during(AbortSignal.any([signal, closing.signal]), (ends) => follow(options, ends)),
    onReplaced: log.replaced.listen,
    async head(call) {
      expectTimeLeft(call);
      return own().at(-1)?.position ?? null;
    },
    async countAfter(after, call) {
      expectTimeLeft(call);
      return own().filter(({ position }) => position > (after ?? 0n)).length;
    },
    async holds({ position, id }, call) {
      expectTimeLeft(call);
      return log.events.some((event) => event.position === position && event.id === id);
    },
    async reaches(position, call) {
      expectTimeLeft(call);
      return (log.events.at(-1)?.position ?? 0n) >= position;
    },
    async close() {
      closing.abort();
    },
  };
  return withCodec(store, codec);
}
