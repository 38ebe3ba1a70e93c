import { setImmediate as nextTick } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { Deadline } from '../../platform/deadline.ts';
import type { CallOptions, EventStore } from '../../events/eventStore.ts';
import { NO_KNOWN_SKIPS, type KnownSkips } from '../../events/bookkeeping/skips.ts';
import { SKIPS_STREAM } from '../../events/streams.ts';
import { monotonicClock, type MonotonicClock } from '../../platform/clock.ts';
import { applyRecorded, NOTHING_LOADED, type Aggregate, type Loaded } from '../../domain/aggregate.ts';
import { foldPast, type IsAfter, type PastFold } from './foldPast.ts';
import { createPastStates, type PastState } from './pastStates.ts';
import { sharedReads } from './sharedReads.ts';
import { bytesOf } from './stateSize.ts';

/** Cache size, by an estimate that is never below V8's: about 100,000 persons or 50,000 users. */
const MAX_CACHED_BYTES = 64 * 1024 * 1024;
/** Milliseconds within which a skip stored by another instance takes effect. */
const MAX_SKIPS_AGE_MS = 1_000;
/** Events per page; the event loop serves others between pages. */
const PAGE = 500;

/** Loads subjects by stream: from the cache, or folded from their events. */
export interface Repository {
  /**
   * The subject as this process last saw it: enough for a decision that an append guards. Rejects
   * with UnknownEventError for a stream that only a newer padron can read, with EventStoreError if
   * the store is unreachable.
   */
  seen<State>(aggregate: Aggregate<State>, stream: string, options?: CallOptions): Promise<Loaded<State>>;
  /**
   * The subject as it is now: the cached state plus the rest of its stream. Concurrent callers
   * share a read. Errors as for `seen`.
   */
  fresh<State>(aggregate: Aggregate<State>, stream: string, options?: CallOptions): Promise<Loaded<State>>;
  /**
   * The subject at one or more points in time, as folds of its stream from the start, all of them
   * with the same skips. Kept states make a repeat, or a neighbouring point in time, cheap. Errors as
   * for `seen`.
   */
  past<State, const Moments extends readonly IsAfter[]>(
    aggregate: Aggregate<State>,
    stream: string,
    moments: Moments,
    options?: CallOptions,
  ): Promise<{ [Index in keyof Moments]: PastFold<State> }>;
  /**
   * Caches what this process just appended. Ignores a state older than the cached one, and subjects
   * with a skipped event, because the state may have been folded without the skip.
   */
  keep<State>(stream: string, loaded: Loaded<State>): void;
  /**
   * Drops a subject from the cache because one of its events was skipped, or all were erased. Loads
   * and appends under way do not cache its former state again.
   */
  forget(stream: string): void;
}

/** `skips`: the operators' skips, none by default. `timer` measures their age. */
export function createRepository(
  store: Pick<EventStore, 'readStream'>,
  skips: KnownSkips = NO_KNOWN_SKIPS,
  timer: Pick<MonotonicClock, 'now'> = monotonicClock,
): Repository {
  const kept = new LRUCache<string, Loaded<object | null>>({
    maxSize: MAX_CACHED_BYTES,
    sizeCalculation: ({ state }, stream) => bytesOf(state, stream),
  });
  const states = createPastStates();
  /** Never evicted, so that a state from before is not cached, however late it comes. */
  const forgotten = new Set<string>();
  const reads = sharedReads<Loaded<unknown>>();
  const skipReads = sharedReads<undefined>();
  /** When the skips were last read, and how often new ones were found. */
  let skipsReadAt = -Infinity;
  let skipsFound = 0;
  /** How often a subject was forgotten: a read of the skips that began before may lack the reason. */
  let forgets = 0;

  const areSkipsKnown = (maxAgeMs: number): boolean => timer.now() - skipsReadAt < maxAgeMs;

  function drop(stream: string): void {
    kept.delete(stream);
    states.forget(stream);
  }

  /** Reads the skips again if they are too old; drops the subjects of new ones. */
  async function learnSkips(maxAgeMs: number, deadline: Deadline | undefined): Promise<void> {
    if (areSkipsKnown(maxAgeMs)) return;
    async function learn(longest: Deadline | undefined): Promise<undefined> {
      if (areSkipsKnown(maxAgeMs)) return;
      const began = timer.now();
      const before = forgets;
      const streams = await skips.refresh({ deadline: longest });
      if (forgets === before) skipsReadAt = began;
      if (streams.length > 0) skipsFound += 1;
      for (const stream of streams) drop(stream);
    }
    // Callers share a read only with those that accept skips of the same age.
    await skipReads.read(`${SKIPS_STREAM} ${maxAgeMs}`, learn, deadline);
  }

  function keep<State>(stream: string, loaded: Loaded<State>): void {
    if (skips.concern(stream)) return;
    // Of an erased subject only that it is erased.
    if (forgotten.has(stream) && !loaded.erased) return;
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
    // A skip found during the load may concern this subject.
    return skipsFound === before ? loaded : loadTail(aggregate, stream, deadline);
  }

  async function loadTail<State>(
    aggregate: Aggregate<State>,
    stream: string,
    deadline: Deadline | undefined,
  ): Promise<Loaded<State>> {
    let loaded = (kept.get(stream) ?? NOTHING_LOADED) as Loaded<State>;
    // Not through eventsOf: usually nothing is new, and a generator costs three microtask ticks.
    for (;;) {
      const page = await store.readStream(stream, { from: loaded.revision + 1, limit: PAGE, deadline });
      for (const event of page) loaded = applyRecorded(aggregate, loaded, event, skips);
      // After each page, so that the next load continues one that its deadline cut off.
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

  const past: Repository['past'] = async (aggregate, stream, moments, { deadline } = {}) => {
    async function foldEach() {
      const folds = [];
      let from: PastState | null = null;
      for (const isAfter of moments) {
        const fold: PastFold<unknown> = await foldPast({ store, states, skips }, aggregate, stream, isAfter, {
          deadline,
          from,
        });
        if (fold.end === 'there') from = fold.reached;
        folds.push(fold);
      }
      return folds as { [Index in keyof typeof moments]: PastFold<never> };
    }
    await learnSkips(0, deadline);
    const before = skipsFound;
    const folds = await foldEach();
    // A skip found during the folds may concern this subject.
    return skipsFound === before ? folds : foldEach();
  };

  return {
    async seen(aggregate, stream, options) {
      if (!areSkipsKnown(MAX_SKIPS_AGE_MS)) await learnSkips(MAX_SKIPS_AGE_MS, options?.deadline);
      const known = kept.get(stream);
      return known && !known.stuck ? (known as Loaded<never>) : fresh(aggregate, stream, options);
    },
    fresh,
    keep,
    past,
    forget(stream) {
      forgotten.add(stream);
      drop(stream);
      forgets += 1;
      skipsReadAt = -Infinity;
    },
  };
}
