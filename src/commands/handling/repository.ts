import { setImmediate as nextTick } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Deadline } from '../../platform/deadline.ts';
import type { CallOptions, EventStore } from '../../events/eventStore.ts';
import { NO_KNOWN_SKIPS, type KnownSkips } from '../../events/bookkeeping/skips.ts';
import { SKIPS_STREAM } from '../../events/streams.ts';
import { monotonicClock, type MonotonicClock } from '../../platform/monotonicClock.ts';
import { applyRecorded, NOTHING_LOADED, type Aggregate, type Loaded } from '../../domain/aggregate.ts';
import { sharedReads } from './sharedReads.ts';

/** Memory for subjects, by an estimate that is never below what V8 takes: some 100,000 persons, or 50,000 users. */
const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** Bytes of an entry without its texts, and of one member. */
const ENTRY_BYTES = 360;
const MEMBER_BYTES = 24;
/** Milliseconds after which every command and read knows of a skip that another instance stored. */
const MAX_SKIPS_AGE_MS = 1_000;
/** Events read at a time; between two pages the event loop serves others. */
const PAGE = 500;

/** Subjects by stream, from memory where they are known, else folded from their events. */
export interface Repository {
  /**
   * The subject as last seen by this process: enough for a decision that an append at its revision then guards. Rejects
   * with UnknownEventError for a stream that only a newer padron can read, with EventStoreError when the store is out of reach.
   */
  seen<State>(aggregate: Aggregate<State>, stream: string, options?: CallOptions): Promise<Loaded<State>>;
  /**
   * The subject as it is now: what was seen plus the tail read from its stream. Callers that ask at the same time share a
   * read. Errors as for `seen`.
   */
  fresh<State>(aggregate: Aggregate<State>, stream: string, options?: CallOptions): Promise<Loaded<State>>;
  /**
   * Takes over what this process has just appended. Ignores a state older than the one kept, and subjects with a skipped
   * event: whether that state was folded without it is unknown.
   */
  keep<State>(stream: string, loaded: Loaded<State>): void;
  /** Reads the subject from its first event the next time: one of its events was skipped by this process. */
  forget(stream: string): void;
}

/** `skips`: what operators skip; none where they are left out. `timer` measures how old they are. */
export function createRepository(
  store: Pick<EventStore, 'readStream'>,
  skips: KnownSkips = NO_KNOWN_SKIPS,
  timer: Pick<MonotonicClock, 'now'> = monotonicClock,
): Repository {
  const kept = new LRUCache<string, Loaded<object | null>>({
    maxSize: MAX_KEPT_BYTES,
    sizeCalculation: bytesOf,
  });
  const reads = sharedReads<Loaded<unknown>>();
  const skipReads = sharedReads<undefined>();
  /** When the skips were last read, and how often some were found. */
  let skipsReadAt = -Infinity;
  let skipsFound = 0;

  const areSkipsKnown = (maxAgeMs: number): boolean => timer.now() - skipsReadAt < maxAgeMs;

  /** Reads the skips again where they were read longer ago; subjects of new ones are forgotten. */
  async function learnSkips(maxAgeMs: number, deadline: Deadline | undefined): Promise<void> {
    if (areSkipsKnown(maxAgeMs)) return;
    async function learn(longest: Deadline | undefined): Promise<undefined> {
      if (areSkipsKnown(maxAgeMs)) return;
      const began = timer.now();
      const streams = await skips.refresh({ deadline: longest });
      skipsReadAt = began;
      if (streams.length > 0) skipsFound += 1;
      for (const stream of streams) kept.delete(stream);
    }
    await skipReads.read(SKIPS_STREAM, learn, deadline);
  }

  function keep<State>(stream: string, loaded: Loaded<State>): void {
    if (skips.concern(stream)) return;
    const known = kept.get(stream);
    if (!known || known.revision < loaded.revision) kept.set(stream, loaded as Loaded<object | null>);
  }

  async function load<State>(
    aggregate: Aggregate<State>,
    stream: string,
    deadline: Deadline | undefined,
  ): Promise<Loaded<State>> {
    await learnSkips(MAX_SKIPS_AGE_MS, deadline);
    const before = skipsFound;
    const loaded = await loadTail(aggregate, stream, deadline);
    if (loaded.stuck) await learnSkips(0, deadline);
    // A skip that came to be known meanwhile may be one of this subject's.
    return skipsFound === before ? loaded : loadTail(aggregate, stream, deadline);
  }

  async function loadTail<State>(
    aggregate: Aggregate<State>,
    stream: string,
    deadline: Deadline | undefined,
  ): Promise<Loaded<State>> {
    let loaded = (kept.get(stream) ?? NOTHING_LOADED) as Loaded<State>;
    // Page by page and not through eventsOf: mostly nothing is new, and a generator costs three turns of the microtasks.
    for (;;) {
      const page = await store.readStream(stream, { from: loaded.revision + 1, limit: PAGE, deadline });
      for (const event of page) loaded = applyRecorded(aggregate, loaded, event, skips);
      // Page by page too: a load that its deadline cuts off is continued by the next one.
      if (page.length > 0) keep(stream, loaded);
      if (page.length < PAGE) return loaded;
      await nextTick();
    }
  }

  async function fresh<State>(
    aggregate: Aggregate<State>,
    stream: string,
    { deadline }: CallOptions = {},
  ): Promise<Loaded<State>> {
    const loaded = await reads.read(stream, (longest) => load(aggregate, stream, longest), deadline);
    return loaded as Loaded<State>;
  }

  return {
    async seen(aggregate, stream, options) {
      if (!areSkipsKnown(MAX_SKIPS_AGE_MS)) await learnSkips(MAX_SKIPS_AGE_MS, options?.deadline);
      const known = kept.get(stream);
      return known && !known.stuck ? (known as Loaded<never>) : fresh(aggregate, stream, options);
    },
    fresh,
    keep,
    forget(stream) {
      kept.delete(stream);
      skipsReadAt = -Infinity;
    },
  };
}

/** Two bytes a character, although V8 takes one for most texts. */
function bytesOf({ state }: Loaded<object | null>, stream: string): number {
  let bytes = ENTRY_BYTES + 2 * stream.length;
  for (const value of Object.values(state ?? {}) as unknown[]) {
    bytes += MEMBER_BYTES + (typeof value === 'string' ? 2 * value.length : 0);
  }
  return bytes;
}
