import type { AppendResult, EventStore } from '../../eventStore.ts';
import { EventStoreError } from '../../eventStore.ts';
import { append } from './append.ts';
import { createClient } from './client.ts';
import type { Connection, StoreLogger } from './connection.ts';
import { head, holds, readAll, readStream } from './read.ts';
import { subscribe } from './subscribe.ts';

export interface EventStoreDbOptions {
  /** A connection string as the client takes it: `esdb://…` or `esdb+discover://…` with hosts, credentials and TLS options. */
  url: string;
  logger?: StoreLogger;
  /** Milliseconds after which an append or a page of a read is given up. */
  deadlineMs?: number;
}

/**
 * The event store on EventStoreDB 23.10 or later (KurrentDB included). Resolves also while no server can be reached: every call
 * then rejects with EventStoreError within the deadline, subscriptions wait, and all go on by themselves once it is there.
 * Rejects with EventStoreError for a malformed connection string.
 *
 * Not atomic over several streams: the server has no such append at this version. One store a process is enough; nothing
 * breaks with two, since the calls that share state between clients are not used (docs/adr/0010).
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  const { url, logger = silent, deadlineMs = 10_000 } = options;
  const connection: Connection = { client: createClient(url), deadlineMs, logger };
  // Appends sent side by side on a cold client can overtake one another.
  await head(connection).catch((error: unknown) => {
    logger.warn({ error: String(error) }, 'EventStoreDB is not there yet: calls fail until it is');
  });
  return new EventStoreDb(connection);
}

class EventStoreDb implements EventStore {
  readonly atomic = false;
  readonly #connection: Connection;
  readonly #closing = new AbortController();
  readonly #appending = new Set<Promise<unknown>>();
  #closed: Promise<void> | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  append: EventStore['append'] = async (appends) => {
    if (this.#closed) throw new EventStoreError('the event store is closed', { outcomeUnknown: false });
    const appending: Promise<AppendResult> = append(this.#connection, appends);
    this.#appending.add(appending);
    try {
      return await appending;
    } finally {
      this.#appending.delete(appending);
    }
  };

  readStream: EventStore['readStream'] = async (stream, options) =>
    readStream(this.#connection, stream, options);

  readAll: EventStore['readAll'] = async (after, limit) => readAll(this.#connection, after, limit);

  subscribe: EventStore['subscribe'] = (options) =>
    subscribe(this.#connection, {
      ...options,
      signal: AbortSignal.any([options.signal, this.#closing.signal]),
    });

  head: EventStore['head'] = async () => head(this.#connection);

  holds: EventStore['holds'] = async (position, id) => holds(this.#connection, position, id);

  close: EventStore['close'] = async () => {
    this.#closed ??= this.#close();
    await this.#closed;
  };

  async #close(): Promise<void> {
    await Promise.allSettled(this.#appending);
    this.#closing.abort();
    await this.#connection.client.dispose();
  }
}

const silent: StoreLogger = { info: () => undefined, warn: () => undefined };
