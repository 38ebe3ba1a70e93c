import { setImmediate as nextTurn } from 'node:timers/promises';
import { rollBack } from '../../../platform/sqlite/sqlite.ts';
import { isLocked, reasonOf } from '../../../platform/sqlite/sqliteFailures.ts';
import { EventStoreError } from '../../eventErrors.ts';
import {
  expectTimeLeft,
  NO_REVISION,
  type AppendResult,
  type CallOptions,
  type EventBatch,
  type EventStore,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
  type SubscribeOptions,
} from '../../eventStore.ts';
import { withCodec, type EventCodec } from '../../eventCodec.ts';
import { replacements } from '../../bookkeeping/replacements.ts';
import { appendAll, encodeAppends, type EncodedAppend, type Written } from './appends.ts';
import { announceCommit, listenForCommits, type CommitNews } from './commitNews.ts';
import { failure, openEventLog, reading, writesInBulk, type EventLog, type LogUse } from './log/eventLog.ts';
import { follow } from './reading/follow.ts';
import { ownEvents } from './reading/ownEvents.ts';
import { makeCheckpoints } from './makeCheckpoints.ts';
import { groupCommit } from './groupCommit.ts';
import { knownRevisions, type KnownRevisions } from './knownRevisions.ts';
import { FileReplacedError } from './log/sameFile.ts';
import { watchLogFile } from './log/logFile.ts';
import { recentEvents } from './reading/recentEvents.ts';
import { streamsTogether } from './reading/streamsTogether.ts';
import { appendSignal } from './log/wakeUpCall.ts';

export interface SqliteEventStoreOptions {
  file: string;
  /** What it is tuned for; every use may read and write. */
  use?: LogUse;
  /** Signals this store's commits to other threads, of which one follows and makes the checkpoints. */
  announce?: CommitNews;
  /** Signals other threads' commits to this store, which makes the checkpoints for them. */
  listen?: CommitNews;
  /** Default: events are stored unchanged. */
  codec?: EventCodec;
  /** Gets errors of the file for which no caller waits. */
  logger?: { error(fields: object, text: string): void };
}

/**
 * The log in one SQLite file. Appends to several streams are atomic, concurrent ones share a
 * commit, and a conflict fails only its own append. Several processes may use the same file:
 * appends are always checked against it, and reads see other processes' appends within 100 ms,
 * other threads' at once. Throws if the file cannot be opened with full durability.
 */
export function openSqliteEventStore({
  file,
  use = 'serve',
  announce,
  listen,
  codec,
  logger,
}: SqliteEventStoreOptions): EventStore {
  const log = openEventLog(file, announce ? 'serve beside a follower' : use);
  const together = streamsTogether(log.db);
  const recent = recentEvents();
  const appended = appendSignal();
  const closing = new AbortController();
  const known = knownRevisions({ ofNew: !writesInBulk(use) });
  const replaced = replacements();
  let closed: Promise<void> | null = null;
  /** Why the last check of the file failed; null if it succeeded. */
  let trouble: string | null = null;
  /** Set once the file is not the opened one: its contents no longer count. */
  let gone: FileReplacedError | null = null;
  /**
   * Number of subscribers. Without any, no events are cached: an import would send them all through
   * the garbage collector.
   */
  let followers = 0;

  function forget(): void {
    known.forget();
    // Subscribers must read on in the file: the cache ends before the other connection's events.
    recent.grown();
    appended.call();
  }

  const logFile = watchLogFile(file, log, {
    onCommit: forget,
    onWentBack() {
      recent.forget();
      forget();
      logger?.error({}, 'the event log was put back to an older state');
      replaced.happened();
    },
    onFailure,
  });

  /** Cached state is void until a check succeeds; each reason is logged once. */
  function onFailure(error: unknown): void {
    if (error instanceof FileReplacedError && gone === null) {
      gone = error;
      replaced.happened();
    }
    const reason = failure('the event log cannot be watched', log, false, error).message;
    if (reason !== trouble) logger?.error({ reason }, 'the event log cannot be checked');
    trouble = reason;
    forget();
  }

  function check(): void {
    try {
      logFile.look();
    } catch (error) {
      onFailure(error);
    }
  }

  const commits = groupCommit(
    (appends: readonly EncodedAppend[][]) => commitGroup(appends),
    (error) => error instanceof EventStoreError && isLocked(error.cause),
  );
  if (listen) void listenForCommits(listen, check, closing.signal);
  if (listen) makeCheckpoints(log.db, listen, closing.signal);

  function commitGroup(group: readonly EncodedAppend[][]): AppendResult[] {
    const written: Written = { events: followers > 0 ? [] : null, last: null };
    let committing = false;
    let results: AppendResult[];
    try {
      rollBack(log.db);
      log.db.exec('BEGIN IMMEDIATE');
      // From here on no other connection writes: what is known stays right until the commit.
      logFile.look();
      results = group.map((appends) => appendAll(log, known, appends, written));
      committing = true;
      log.db.exec('COMMIT');
    } catch (cause) {
      // First: uncommitted revisions must not be trusted, however the rollback ends.
      known.forget();
      undo();
      throw failure('the event log could not be written', log, committing, cause);
    }
    trouble = null;
    if (written.last) {
      logFile.committed(written.last);
      if (written.events) recent.add(written.events);
      else recent.forget();
      appended.call();
      if (announce) announceCommit(announce);
    }
    return results;
  }

  /** If it fails, every read and append retries it first. */
  function undo(): void {
    try {
      rollBack(log.db);
    } catch (error) {
      logger?.error({ reason: reasonOf(file, error) }, 'a transaction could not be rolled back');
    }
  }

  /** One read, after checking that the file still exists and time is left. */
  async function read<T>(call: CallOptions | undefined, work: () => T): Promise<T> {
    expectTimeLeft(call);
    if (gone) throw failure('the event log could not be read', log, false, gone);
    return reading(log, work);
  }

  async function* subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    if (gone) throw failure('the event log cannot be followed', log, false, gone);
    const signal = AbortSignal.any([options.signal, closing.signal]);
    followers += 1;
    try {
      yield* replaced.during(signal, (until) => follow(log, { ...options, signal: until }, recent, appended));
    } finally {
      followers -= 1;
    }
  }

  /** Not async: that would add a promise and three microtasks to each write. */
  function append(appends: readonly StreamAppend[], call?: CallOptions): Promise<AppendResult> {
    try {
      if (closed) throw closedError();
      expectTimeLeft(call);
      return commits.submit(encodeAppends(appends), call?.deadline);
    } catch (error) {
      const failed = error as Error;
      return Promise.reject(failed);
    }
  }

  async function close(): Promise<void> {
    await commits.idle();
    closing.abort();
    logFile.stop();
    appended.call();
    await nextTurn();
    log.db.close();
  }

  const store: EventStore = {
    atomic: true,
    append,
    readStream: (stream, options) => read(options, () => readStream(log, known, stream, options)),
    readStreams: (starts, options) => read(options, () => together(starts, options)),
    readAll: (after, limit, call) => read(call, () => ownEvents(log, Number(after ?? 0n), limit)),
    subscribe,
    head: (call) =>
      read(call, () => {
        const head = log.head();
        return head === null ? null : BigInt(head);
      }),
    countAfter: (after, call) => read(call, () => log.countAfter(Number(after ?? 0n))),
    holds: ({ position, id }, call) => read(call, () => log.idAt(Number(position)) === id),
    reaches: (position, call) => read(call, () => log.lastPosition() >= Number(position)),
    onReplaced: replaced.listen,
    close: () => (closed ??= close()),
  };
  return withCodec(store, codec);
}

function readStream(
  log: EventLog,
  known: KnownRevisions,
  stream: string,
  options: ReadStreamOptions,
): RecordedEvent[] {
  const { from = 0, backwards = false, limit } = options;
  if (!backwards && known.get(stream) === from - 1) return [];
  const events = log.readStream(stream, options);
  const reachesEnd = !backwards && events.length < limit && (from === 0 || events.length > 0);
  if (reachesEnd) known.set(stream, events.at(-1)?.revision ?? NO_REVISION);
  return events;
}

const closedError = (): EventStoreError =>
  new EventStoreError('the event log is closed', { outcomeUnknown: false });
