import { LRUCache } from 'lru-cache';
import type { EventStore, RecordedEvent } from '../events/eventStore.ts';
import { advance, NOTHING_LOADED, type Aggregate, type Loaded } from './aggregate.ts';

/** Subjects kept in memory. About 1 KiB each, so some 50 MB when full. */
const KEPT_SUBJECTS = 50_000;
/** Events read at a time. */
const PAGE = 500;

/** Subjects by stream, from memory where they are known, else folded from their events. */
export interface Repository {
  /**
   * The subject as last seen by this process: enough for a decision that an append at its revision then guards. Rejects
   * with UnknownEventError for a stream that only a newer padron can read, with EventStoreError when the store is out of reach.
   */
  seen<State>(aggregate: Aggregate<State>, stream: string): Promise<Loaded<State>>;
  /** The subject as it is now: what was seen plus the tail read from its stream. Errors as for `seen`. */
  fresh<State>(aggregate: Aggregate<State>, stream: string): Promise<Loaded<State>>;
  /** Takes over what this process has just appended. An older state than the one kept is ignored. */
  keep<State>(stream: string, loaded: Loaded<State>): void;
}

export function createRepository(store: EventStore): Repository {
  const kept = new LRUCache<string, Loaded<unknown>>({ max: KEPT_SUBJECTS });

  function keep<State>(stream: string, loaded: Loaded<State>): void {
    const known = kept.get(stream);
    if (!known || known.revision < loaded.revision) kept.set(stream, loaded);
  }

  async function fresh<State>(aggregate: Aggregate<State>, stream: string): Promise<Loaded<State>> {
    const known = (kept.get(stream) ?? NOTHING_LOADED) as Loaded<State>;
    let loaded = known;
    // Page by page and not through eventsOf: mostly nothing is new, and a generator costs three turns of the microtasks.
    for (let page: readonly RecordedEvent[] | null = null; !page || page.length === PAGE;) {
      page = await store.readStream(stream, { from: loaded.revision + 1, limit: PAGE });
      for (const event of page) loaded = advance(aggregate, loaded, event);
    }
    if (loaded !== known) keep(stream, loaded);
    return loaded;
  }

  return {
    async seen(aggregate, stream) {
      const known = kept.get(stream);
      return known ? (known as Loaded<never>) : fresh(aggregate, stream);
    },
    fresh,
    keep,
  };
}
