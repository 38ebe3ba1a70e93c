import { type CallOptions, type EventStore, type StoreServer, expectTimeLeft } from '../../eventStore.ts';
import { EventStoreError, EventStoreRefusedError, noTimeLeft } from '../../eventErrors.ts';
import { beforeDeadline } from '../../../platform/deadline.ts';
import { InFlight } from '../../../platform/concurrency/inFlight.ts';
import { withCodec, type EventCodec } from '../../eventCodec.ts';
import { replacements } from '../../bookkeeping/replacements.ts';
import { append } from './appending/append.ts';
import { appendSeries } from './appending/appendSeries.ts';
import { createAppendStream } from './calls/appendStream.ts';
import { closeClient, createClient, namesCluster } from './connecting/client.ts';
import type { Connection, StoreLogger } from './connecting/connection.ts';
import { isAccessDenied, within } from './calls/failures.ts';
import { endOfOwn, head, holds, reaches } from './reading/head.ts';
import { knownRevisions } from './reading/knownRevisions.ts';
import { logIdentity } from './connecting/logIdentity.ts';
import { readAll } from './reading/read.ts';
import { readEach } from '../readEach.ts';
import { readUpToDate } from './reading/readUpToDate.ts';
import { refusalOf } from './refusal.ts';
import { serverVersion, warningOf } from './connecting/serverVersion.ts';
import { subscribe } from './following/subscribe.ts';

/** Streams that readStreams reads concurrently: each read mostly waits. */
const MAX_AT_ONCE = 16;

export interface EventStoreDbOptions {
  /**
   * A connection string of the client: `esdb://…` or `esdb+discover://…` with hosts, credentials
   * and TLS options; also `kurrentdb://…` and `kurrentdb+discover://…`.
   */
  url: string;
  logger?: StoreLogger;
  /** Default: events are stored unchanged. */
  codec?: EventCodec;
  /** Milliseconds after which an append or a page of a read fails. */
  deadlineMs?: number;
}

/**
 * Opens the event store on EventStoreDB 23.10 or later (or KurrentDB). Resolves even if no server
 * can be reached: calls then reject with EventStoreError within the deadline, subscriptions wait,
 * and both recover automatically. Rejects with EventStoreRefusedError for a malformed connection string.
 * If the server refuses for good (account, right, certificate, TLS), calls reject with
 * EventStoreRefusedError.
 * Appends to several streams are not atomic. One store per process is enough; two do not interfere,
 * because the calls that share state between clients are not used (docs/adr/0028).
 */
export async function openEventStoreDb(options: EventStoreDbOptions): Promise<EventStore> {
  const { url, codec, logger = silent, deadlineMs = 10_000 } = options;
  const client = createClient(url);
  const connection: Connection = {
    client,
    appends: createAppendStream(client),
    deadlineMs,
    isCluster: namesCluster(url),
    logger,
  };
  // Appends sent at the same time on a cold client can overtake one another. Errors here reappear
  // in the next call.
  await head(connection).catch(() => null);
  return withCodec(new EventStoreDb(connection, url), codec);
}

class EventStoreDb implements EventStore {
  readonly atomic = false;
  readonly #connection: Connection;
  readonly #known = knownRevisions();
  readonly #end = endOfOwn();
  readonly #closing = new AbortController();
  readonly #running = new InFlight<Promise<unknown>>();
  readonly #replaced = replacements();
  readonly #url: string;
  readonly #identity = logIdentity({
    holds: (mark) => holds(this.#connection, mark),
    onReplaced: () => {
      this.#connection.logger.warn(
        {},
        'EventStoreDB has a different log now, or an older state of the same log',
      );
      this.#replaced.happened();
    },
    signal: this.#closing.signal,
  });
  #closed: Promise<void> | null = null;
  /** Whether any call has succeeded: then the connection settings are right. */
  #hasAnswered = false;

  constructor(connection: Connection, url: string) {
    this.#connection = connection;
    this.#url = url;
    this.#replaced.listen(() => {
      this.#known.clear();
      this.#end.value = null;
    });
  }

  append: EventStore['append'] = async (appends, call) =>
    this.#run(call, async (connection) => {
      const result = await append(connection, appends, this.#known);
      const id = appends.at(-1)?.events.at(-1)?.id;
      if (result.outcome === 'appended' && result.position !== null && id !== undefined) {
        this.#identity.saw({ position: result.position, id });
      }
      return result;
    });

  appendSeries: NonNullable<EventStore['appendSeries']> = async (series, { onStored }) =>
    this.#run(undefined, (connection) => appendSeries(connection, series, { onStored, known: this.#known }));

  readStream: EventStore['readStream'] = async (stream, options) =>
    this.#run(options, async (connection) => {
      const events = await readUpToDate(connection, stream, options, this.#known);
      const newest = options.backwards ? events[0] : events.at(-1);
      if (newest) this.#identity.saw(newest);
      return events;
    });

  /** EventStoreDB has no call for several streams. */
  readStreams: EventStore['readStreams'] = (starts, options) =>
    readEach(this, starts, { ...options, atOnce: MAX_AT_ONCE });

  readAll: EventStore['readAll'] = async (after, limit, call) =>
    this.#run(call, (connection) => readAll(connection, after, limit));

  subscribe: EventStore['subscribe'] = (options) =>
    this.#replaced.during(AbortSignal.any([options.signal, this.#closing.signal]), (signal) =>
      subscribe(this.#connection, { ...options, signal }, { end: this.#end, identity: this.#identity }),
    );

  head: EventStore['head'] = async (call) => this.#run(call, (connection) => head(connection, this.#end));

  /** Not supported: $all positions count bytes and include other applications' events. */
  countAfter: EventStore['countAfter'] = async (_after, call) => this.#run(call, async () => null);

  holds: EventStore['holds'] = async (mark, call) => this.#run(call, (connection) => holds(connection, mark));

  reaches: EventStore['reaches'] = async (position, call) =>
    this.#run(call, (connection) => reaches(connection, position));

  onReplaced: EventStore['onReplaced'] = this.#replaced.listen;

  server = async (call?: CallOptions): Promise<StoreServer> =>
    this.#run(call, async (connection) => {
      const version = await serverVersion(connection);
      return { version, warning: warningOf(version) };
    });

  close: EventStore['close'] = async () => {
    this.#closed ??= this.#close();
    await this.#closed;
  };

  /** Runs a call; closing waits for it, because a read that is cut off would look complete. */
  async #run<T>(call: CallOptions | undefined, work: (connection: Connection) => Promise<T>): Promise<T> {
    if (this.#closed) throw new EventStoreError('the event store is closed', { outcomeUnknown: false });
    expectTimeLeft(call);
    const connection = { ...this.#connection, deadline: call?.deadline };
    const confirmed = this.#identity.confirm();
    const running = confirmed
      ? beforeDeadline(call?.deadline, confirmed, noTimeLeft).then(() => work(connection))
      : work(connection);
    const flight = this.#running.add(running);
    try {
      const answer = await running;
      this.#hasAnswered = true;
      return answer;
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      this.#identity.doubt();
      throw await this.#explained(error);
    } finally {
      this.#running.remove(flight);
    }
  }

  /** The error; if the server refuses for good, with the reason. */
  async #explained(error: EventStoreError): Promise<EventStoreError> {
    if (this.#hasAnswered && !isAccessDenied(error.cause)) return error;
    const refusal = await refusalOf(this.#connection, this.#url, error.cause);
    if (refusal === null) return error;
    const { outcomeUnknown, cause } = error;
    return new EventStoreRefusedError(refusal, { outcomeUnknown, cause });
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    // A subscription that keeps delivering does not end on its own.
    const ended = Promise.allSettled(this.#running.items());
    await within(this.#connection.deadlineMs, ended).catch(() => undefined);
    this.#connection.appends.close();
    await closeClient(this.#connection.client);
  }
}

const silent: StoreLogger = { info: () => undefined, warn: () => undefined };
