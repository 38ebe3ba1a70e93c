import type { Deadline } from '../platform/deadline.ts';
import type { EventMetadata, Sealing } from './types.ts';
import { noTimeLeft } from './eventErrors.ts';

/**
 * A position in the log of all events: increasing, may have gaps, valid for that log only. A decimal string on
 * the outside.
 */
export type Position = bigint;

/** The revision of a stream without events. The first event has revision 0. */
export const NO_REVISION = -1;

/** An event to append. `id` is a UUID; a repeated append is recognised by its ids. */
export interface NewEvent {
  id: string;
  type: string;
  /** Must be representable as JSON. */
  data: object;
  metadata: EventMetadata;
}

/** An event as stored. */
export interface RecordedEvent extends NewEvent {
  stream: string;
  revision: number;
  position: Position;
}

/** Events to append to one stream, directly after revision `expected` (NO_REVISION: the stream has no events). */
export interface StreamAppend {
  stream: string;
  expected: number;
  events: readonly NewEvent[];
}

/**
 * `position` is that of the last event of the last stream; null if the store reports success without one
 * because it recognised a repeat. Then read back what is stored.
 */
export type AppendResult =
  | { outcome: 'appended'; position: Position | null }
  /** `stream` is not at `expected` but at `actual`; later reads show it at least that far. */
  | { outcome: 'conflict'; stream: string; actual: number };

/** The time limit of a call. */
export interface CallOptions {
  /** The call rejects with EventStoreError at this time at the latest. Default: the store's own limit. */
  deadline?: Deadline | undefined;
}

export interface ReadStreamOptions extends CallOptions {
  /** First revision to read; with `backwards`, the last one. Default: the stream's start, or its end. */
  from?: number;
  backwards?: boolean;
  /** Maximum number of events. */
  limit: number;
}

/** A stream from a revision on. */
export interface StreamStart {
  stream: string;
  from: number;
}

export interface ReadStreamsOptions extends CallOptions {
  /** Of each stream only what precedes its first event beyond it. See isBeyond. */
  horizon: Horizon;
  /** Maximum number of events per stream. */
  limit: number;
  /** `false`: the events have `{}` for their data, which costs less. Default: true. */
  withData?: boolean;
}

export interface SubscribeOptions {
  /** Events after this position; null: from the start of the log. */
  after: Position | null;
  /** Only padron's own streams whose names start with one of these. */
  prefixes: readonly string[];
  /** Maximum number of events per batch. */
  limit: number;
  /** Ends the iteration, without an error, when aborted. */
  signal: AbortSignal;
}

/**
 * A part of the log: what occurred by an instant (milliseconds since 1970, inclusive) and is in it up to a
 * position.
 */
export interface Horizon {
  at: number;
  upTo: Position;
}

/** Whether an event is beyond a horizon. So are then all later events of its stream. */
export const isBeyond = (
  { position, metadata }: Pick<RecordedEvent, 'position' | 'metadata'>,
  { at, upTo }: Horizon,
): boolean => position > upTo || Date.parse(metadata.occurredAt) > at;

/** An event's position and id: a different log has another event there. */
export interface EventMark {
  position: Position;
  id: string;
}

/** A range of the log. If `events` is empty, `position` moved over events that the prefixes excluded. */
export interface EventBatch {
  events: readonly RecordedEvent[];
  /** Everything up to here was delivered. */
  position: Position;
  /** The last event in this range, of any stream, so `events` may lack it. Null if there was none. */
  mark: EventMark | null;
  /** Whether this batch reaches the end of the log as it was when read. */
  caughtUp: boolean;
}

/** The server behind a store. */
export interface StoreServer {
  version: string;
  /** A warning for operators about this version, or null. */
  warning: string | null;
}

/**
 * The log of all events, as streams with revisions. Every method rejects with EventStoreError if the store is
 * unreachable; expected outcomes are values. A call whose deadline has already passed does nothing and rejects
 * with an EventStoreError of known outcome.
 */
export interface EventStore {
  /** How people's events are sealed in this log. Left out where the store gives events as they are stored. */
  readonly sealing?: Sealing;

  /** Whether an append over several streams is all or nothing. Where it is not, the streams are written in order. */
  readonly atomic: boolean;

  /**
   * Appends to each stream in order (each at most once, otherwise TypeError), all events of a stream
   * atomically. Stops at a stream that is not at its `expected`: nothing is written to it and to later ones
   * (nor, if the store is atomic, to earlier ones). An append whose ids are already stored at exactly these
   * revisions succeeds without storing anything. Durable when it resolves. Rejects with EventStoreError;
   * `outcomeUnknown` says whether the events may be stored nevertheless.
   */
  append(appends: readonly StreamAppend[], options?: CallOptions): Promise<AppendResult>;

  /**
   * Appends a long series in order, with several appends in flight; each is as for `append`. Sends nothing after the
   * first failure. If the connection was lost, what is stored is a prefix of the series, possibly longer than what
   * `onStored` reported; after a conflict or a refusal, appends to other streams that were already sent are stored too.
   * Resolves when everything is stored, or with the first conflict; rejects with EventStoreError, or with the error of
   * the series. Left out by stores whose appends wait for one another anyway.
   */
  appendSeries?(
    series: AsyncIterable<readonly StreamAppend[]>,
    options: { onStored(appends: readonly StreamAppend[]): void },
  ): Promise<AppendResult>;

  /**
   * The events of one stream in revision order (`backwards`: reversed); none for an unknown stream. Never less
   * than this process has appended to it or read from it.
   */
  readStream(stream: string, options: ReadStreamOptions): Promise<RecordedEvent[]>;

  /**
   * The events of many streams, each in revision order, in the order of `starts`. Costs less than as many calls
   * of readStream. May lack events that this process appended while it was running. For folds: of the metadata
   * only `schemaVersion` and `occurredAt` are sure to be as stored, other members may be neutral.
   */
  readStreams(starts: readonly StreamStart[], options: ReadStreamsOptions): Promise<RecordedEvent[][]>;

  /** The next `limit` events of padron's own streams after `after` in log order; fewer only at the end. */
  readAll(after: Position | null, limit: number, options?: CallOptions): Promise<RecordedEvent[]>;

  /**
   * Everything after a position, then new events until the signal aborts. Delivers at least once, in log order,
   * and reconnects automatically. After each catch-up there is a batch with `caughtUp`, possibly empty. Rejects
   * with LogReplacedError if the log is replaced meanwhile.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch>;

  /** The position of the last of padron's own events, null if there is none. */
  head(options?: CallOptions): Promise<Position | null>;

  /**
   * The number of padron's own events after a position; null if the store could only tell by reading them.
   * Cheap however many there are.
   */
  countAfter(after: Position | null, options?: CallOptions): Promise<number | null>;

  /** Whether the event at `position` has this `id`: false after a restore or with a different log. */
  holds(mark: EventMark, options?: CallOptions): Promise<boolean>;

  /** Whether the log, including other applications' events, reaches `position`. */
  reaches(position: Position, options?: CallOptions): Promise<boolean>;

  /**
   * Calls `listener` when the log turns out to be a different one, or an older state of itself because a backup
   * was restored under a running padron. Everything cached about the log is void then. Called before any later
   * call is answered.
   */
  onReplaced(listener: () => void): void;

  /** The store's server, if it has one. */
  server?(options?: CallOptions): Promise<StoreServer>;

  /** Releases connections and files after finishing accepted appends. May be called several times. */
  close(): Promise<void>;
}

/** Throws an EventStoreError if the call's deadline passed before it started. */
export function expectTimeLeft({ deadline }: CallOptions = {}): void {
  if (deadline && deadline.remainingMs() <= 0) throw noTimeLeft();
}

/** The mark of an event, null if there is none. */
export const markOf = (event: EventMark | undefined): EventMark | null =>
  event ? { position: event.position, id: event.id } : null;

/** Reads a whole stream, or the rest of it from `from`, in pages of `pageSize`. */
export async function* eventsOf(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  from = 0,
  pageSize = 500,
  { deadline }: CallOptions = {},
): AsyncGenerator<RecordedEvent> {
  for (let next = from; ; next += pageSize) {
    const page = await store.readStream(stream, { from: next, limit: pageSize, deadline });
    yield* page;
    if (page.length < pageSize) return;
  }
}

/** The last event of a stream, null if it has none. */
export async function lastEventOf(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  { deadline }: CallOptions = {},
): Promise<RecordedEvent | null> {
  const [last] = await store.readStream(stream, { backwards: true, limit: 1, deadline });
  return last ?? null;
}
