import { PadronError } from '../platform/padronError.ts';
import type { Deadline } from '../platform/deadline.ts';
import type { EventMetadata } from './types.ts';

/** A place in the log of all events: grows, may have gaps, valid for that log only. A decimal string outside. */
export type Position = bigint;

/** The revision of a stream that has no event. The first event has revision 0. */
export const NO_REVISION = -1;

/** An event to append. `id` is a UUID; an append that is repeated with the same ids is recognised by them. */
export interface NewEvent {
  id: string;
  type: string;
  /** Must be representable as JSON. */
  data: object;
  metadata: EventMetadata;
}

/** An event as the store has it. */
export interface RecordedEvent extends NewEvent {
  stream: string;
  revision: number;
  position: Position;
}

/** Events for one stream, to stand directly after revision `expected` (NO_REVISION: on a stream without events). */
export interface StreamAppend {
  stream: string;
  expected: number;
  events: readonly NewEvent[];
}

/**
 * `position` is that of the last event of the last stream, null where the store answers success without one (it
 * recognised a repeat): then what is stored has to be read back.
 */
export type AppendResult =
  | { outcome: 'appended'; position: Position | null }
  /** `stream` does not stand at `expected`; `actual` is where it stands, and reads from now on show it that far. */
  | { outcome: 'conflict'; stream: string; actual: number };

/** How long a call may take. */
export interface CallOptions {
  /** The call rejects with EventStoreError at this time at the latest. Default: the store's own limit. */
  deadline?: Deadline | undefined;
}

export interface ReadStreamOptions extends CallOptions {
  /** First revision to read; with `backwards`, the last one. Default: the stream's start, or its end. */
  from?: number;
  backwards?: boolean;
  /** How many events at most. */
  limit: number;
}

export interface SubscribeOptions {
  /** Events after this position; null: from the start of the log. */
  after: Position | null;
  /** Only padron's own streams whose name starts with one of these. */
  prefixes: readonly string[];
  /** How many events a batch holds at most. */
  limit: number;
  /** Ends the iteration, without an error, when aborted. */
  signal: AbortSignal;
}

/** Where an event stands, and which: another log has another one there. */
export interface EventMark {
  position: Position;
  id: string;
}

/** A stretch of the log. `events` may be empty: then `position` moved over events that the prefixes left out. */
export interface EventBatch {
  events: readonly RecordedEvent[];
  /** Everything up to here has been delivered. */
  position: Position;
  /** The last event that this stretch moved over, of whatever stream, so that `events` may leave it out. Null when none was seen. */
  mark: EventMark | null;
  /** Whether this batch reaches the end of what the log held when it was read. */
  caughtUp: boolean;
}

/** The program behind a store. */
export interface StoreServer {
  version: string;
  /** What an operator should know of this version, in one sentence; null where there is nothing to say. */
  warning: string | null;
}

/**
 * The log of all events, as streams with revisions. Every method rejects with EventStoreError when the store cannot be
 * reached; expected outcomes are values.
 * A call whose deadline has passed before it starts does nothing and rejects with an EventStoreError of a known outcome.
 */
export interface EventStore {
  /** Whether an append over several streams is all or nothing. Where it is not, the streams are written in order. */
  readonly atomic: boolean;

  /**
   * Appends to each of `appends` (each stream once, TypeError otherwise) in order; all events for one stream in one step. A stream that does
   * not stand at its `expected` ends it: nothing is written to it and to those behind it (nor, where the store is atomic, to those
   * before it). An append whose ids already stand at exactly these revisions is a success and stores nothing.
   * Durable when it resolves. Rejects with EventStoreError; `outcomeUnknown` says whether it may be stored nevertheless.
   */
  append(appends: readonly StreamAppend[], options?: CallOptions): Promise<AppendResult>;

  /**
   * The events of one stream in the order of their revisions (`backwards`: reversed); none for an unknown stream. Never less
   * than this process has appended to it or read from it.
   */
  readStream(stream: string, options: ReadStreamOptions): Promise<RecordedEvent[]>;

  /** The next `limit` events of padron's own streams after `after` in the order of the log; fewer only at its end. */
  readAll(after: Position | null, limit: number, options?: CallOptions): Promise<RecordedEvent[]>;

  /**
   * Everything after a position, then whatever comes, until the signal aborts. At least once, in the order of the log; reconnects by itself. A batch
   * with `caughtUp` comes at least once after every stretch of catching up, be it empty. Rejects with LogReplacedError when the log is
   * replaced meanwhile.
   */
  subscribe(options: SubscribeOptions): AsyncIterable<EventBatch>;

  /** The position of the log's last event of padron's own, null when there is none. */
  head(options?: CallOptions): Promise<Position | null>;

  /**
   * How many events of padron's own stand after a position; null where the store could only tell by reading them. Cheap however many
   * there are.
   */
  countAfter(after: Position | null, options?: CallOptions): Promise<number | null>;

  /** Whether the event at `position` is the one with `id`: false after a restore or with another log. */
  holds(mark: EventMark, options?: CallOptions): Promise<boolean>;

  /** Whether the log, with what others wrote into it, ends at `position` or behind it. */
  reaches(position: Position, options?: CallOptions): Promise<boolean>;

  /**
   * Calls `listener` when the log turns out to be another one than before, or to be back at an older state: a backup was restored behind a
   * running padron. Whatever was remembered of the log's contents is void then. It is called before a later call is answered.
   */
  onReplaced(listener: () => void): void;

  /** What serves the store, where that is a program of its own. */
  server?(options?: CallOptions): Promise<StoreServer>;

  /** Releases connections and files. Appends already accepted are finished first. May be called several times. */
  close(): Promise<void>;
}

/** The log that a subscription followed is not there any more: another one, or an older state of it, has taken its place. */
export class LogReplacedError extends PadronError {
  constructor() {
    super('the event log was replaced by another one, or by an older state of it');
    this.name = 'LogReplacedError';
  }
}

/** The store did not do it. `outcomeUnknown`: it may have, the answer did not arrive. */
export class EventStoreError extends PadronError {
  readonly outcomeUnknown: boolean;

  constructor(message: string, options: { outcomeUnknown: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.name = 'EventStoreError';
    this.outcomeUnknown = options.outcomeUnknown;
  }
}

/** Throws TypeError for appends that no store takes: a stream without an event or named twice, a revision that is none. */
export function expectValidAppends(appends: readonly StreamAppend[]): void {
  const streams = new Set<string>();
  for (const { stream, expected, events } of appends) {
    if (streams.has(stream)) throw new TypeError('an append names each stream once');
    streams.add(stream);
    if (events.length === 0) throw new TypeError('an append needs at least one event for each stream');
    if (!Number.isSafeInteger(expected) || expected < NO_REVISION) {
      throw new TypeError('an append expects a revision, or none yet');
    }
  }
}

/**
 * The store refuses for good what is asked of it: waiting does not help. The message names the cause and what to do about it,
 * for the operator.
 */
export class EventStoreRefusedError extends EventStoreError {
  constructor(message: string, options: { outcomeUnknown: boolean; cause?: unknown }) {
    super(message, options);
    this.name = 'EventStoreRefusedError';
  }
}

/** Throws the EventStoreError of a call whose deadline has passed before it started. */
export function expectTimeLeft({ deadline }: CallOptions = {}): void {
  if (deadline && deadline.remainingMs() <= 0) {
    throw new EventStoreError('the deadline has passed', { outcomeUnknown: false });
  }
}

/** The mark of an event, null where there is none. */
export const markOf = (event: EventMark | undefined): EventMark | null =>
  event ? { position: event.position, id: event.id } : null;

/** Reads a whole stream, or its tail from `from`, in pages of `pageSize`. */
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

/** The last event of a stream, null when it has none. */
export async function lastEventOf(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  { deadline }: CallOptions = {},
): Promise<RecordedEvent | null> {
  const [last] = await store.readStream(stream, { backwards: true, limit: 1, deadline });
  return last ?? null;
}
