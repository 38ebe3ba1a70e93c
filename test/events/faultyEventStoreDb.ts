import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventBatch, EventStore, NewEvent, StreamAppend } from '../../src/events/eventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { OWN_PREFIXES } from '../../src/events/streams.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import type { StandInOptions } from '../support/eventstoredb/main.ts';
import { TRIED_VERSIONS } from '../support/eventstoredb/versions.ts';
import type { ServerVersion } from '../support/eventstoredb/versions.ts';

export interface FaultyServer {
  server: () => EventStoreDbServer;
  open: (deadlineMs: number, url?: string) => Promise<EventStore>;
}

/** One describe for each server version that this run tries. */
export function onEachVersion(title: string, suite: (version: ServerVersion) => void): void {
  for (const version of TRIED_VERSIONS) {
    describe(`${title}, server ${version}`, () => {
      suite(version);
    });
  }
}

/**
 * Starts a stand-in server for the tests of a `describe`, empty and well-behaved for each of them, and closes the stores that they
 * open. Mocha fails the run on an unhandled rejection: that no fault ends the process is part of every one of these tests.
 */
export function onFaultyServer(options: StandInOptions = {}): FaultyServer {
  let server: EventStoreDbServer;
  const stores: EventStore[] = [];

  before(async () => {
    server = await EventStoreDbServer.start(options);
  });
  after(async () => {
    await server.close();
  });
  beforeEach(async () => {
    await server.reset();
  });
  afterEach(async () => {
    await Promise.all(stores.splice(0).map((store) => store.close()));
  });

  const open = async (deadlineMs: number, url = server.url): Promise<EventStore> => {
    const store = await openEventStoreDb({ url, deadlineMs });
    stores.push(store);
    return store;
  };
  return { server: () => server, open };
}

/** One stream's part of an append. */
export const one = (stream: string, expected: number, ...events: NewEvent[]): StreamAppend => ({
  stream,
  expected,
  events,
});

/** A subscription to everything, left by leaving the loop. */
export function followed(store: EventStore, limit = 100): AsyncIterable<EventBatch> {
  return store.subscribe({
    after: null,
    prefixes: OWN_PREFIXES,
    limit,
    signal: new AbortController().signal,
  });
}

/** A promise's value and how many milliseconds it took. */
export async function timed<T>(promise: Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  return [await promise, performance.now() - start];
}

/** Repeats until it holds; errors count as "not yet". */
export async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 15_000;
  while (!(await holds().catch(() => false))) {
    if (performance.now() > end) throw new Error('it did not come to hold within 15 s');
    await nextTurn();
  }
}
