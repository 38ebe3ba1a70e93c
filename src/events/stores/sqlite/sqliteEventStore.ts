import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodePayload } from '../../codec.ts';
import {
  EventStoreError,
  expectTimeLeft,
  NO_REVISION,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
} from '../../eventStore.ts';
import { isOwnStream } from '../../streams.ts';
import { commitsOfOthers } from '../../../sqlite.ts';
import { announceCommit, listenForCommits, type CommitNews } from './commitNews.ts';
import {
  openEventLog,
  reading,
  toRecorded,
  type EncodedEvent,
  type EventLog,
  type LogUse,
} from './eventLog.ts';
import { follow } from './follow.ts';
import { groupCommit } from './groupCommit.ts';
import { knownRevisions, type KnownRevisions } from './knownRevisions.ts';
import { recentEvents } from './recentEvents.ts';
import { wakeUpCall } from './wakeUpCall.ts';

/** How often another process's commits are looked for, in milliseconds; the contract allows 200 (section 8). */
const FOREIGN_COMMIT_CHECK_MS = 100;

export interface SqliteEventStoreOptions {
  file: string;
  /** What it is tuned for; any use may read and write. */
  use?: LogUse;
  /** Where other threads are told of what is committed here. */
  announce?: CommitNews;
  /** Where another thread tells what it has committed. */
  listen?: CommitNews;
}

interface EncodedAppend {
  stream: string;
  expected: number;
  events: readonly NewEvent[];
  encoded: readonly EncodedEvent[];
}

/**
 * The log in one SQLite file. Appends over several streams are atomic, concurrent ones share a commit, and a conflict in one fails
 * only that one. Several processes may use the same file: appends are always checked against what is there, reads see what another
 * process appended within FOREIGN_COMMIT_CHECK_MS; another thread, at once. Throws when the file cannot be opened with full durability.
 */
export function openSqliteEventStore({
  file,
  use = 'serve',
  announce,
  listen,
}: SqliteEventStoreOptions): EventStore {
  const log = openEventLog(file, use);
  const recent = recentEvents();
  const news = wakeUpCall();
  const closing = new AbortController();
  const known = knownRevisions();
  /** Who reads along. Without anybody nothing is kept for them: an import would drag it all through the garbage collector. */
  let followers = 0;
  const commits = groupCommit((appends: readonly EncodedAppend[][]) => commitGroup(appends));
  const foreignCommits = watchForeignCommits(log, () => {
    known.forget();
    // Whoever follows has to read on in the file: what is kept ends before the other's events.
    recent.grown();
    news.call();
  });
  if (listen) void listenForCommits(listen, foreignCommits.check, closing.signal);

  function commitGroup(group: readonly EncodedAppend[][]): AppendResult[] {
    const written: RecordedEvent[] = [];
    let committing = false;
    try {
      log.db.exec('BEGIN IMMEDIATE');
      // From here on nobody else writes: what is known now stays right until the commit.
      foreignCommits.check();
      const results = group.map((appends) => appendAll(log, known, appends, written));
      committing = true;
      log.db.exec('COMMIT');
      if (written.length > 0) {
        if (followers > 0) recent.add(written);
        else recent.forget();
        news.call();
        if (announce) announceCommit(announce);
      }
      return results;
    } catch (cause) {
      if (log.db.isTransaction) log.db.exec('ROLLBACK');
      known.forget();
      throw new EventStoreError('the event log could not be written', { outcomeUnknown: committing, cause });
    }
  }

  return {
    atomic: true,
    async append(appends, call) {
      if (closing.signal.aborted) throw closedError();
      expectTimeLeft(call);
      return commits.submit(appends.map(encodeAppend));
    },
    readStream: async (stream, options) => {
      expectTimeLeft(options);
      return reading(() => readStream(log, known, stream, options));
    },
    readAll: async (after, limit, call) => {
      expectTimeLeft(call);
      return reading(() => ownEvents(log, Number(after ?? 0n), limit));
    },
    async *subscribe(options) {
      const signal = AbortSignal.any([options.signal, closing.signal]);
      followers += 1;
      try {
        yield* follow(log, { ...options, signal }, recent, news);
      } finally {
        followers -= 1;
      }
    },
    head: async (call) => {
      expectTimeLeft(call);
      return reading(() => {
        const head = log.head();
        return head === null ? null : BigInt(head);
      });
    },
    countAfter: async (after, call) => {
      expectTimeLeft(call);
      return reading(() => log.countAfter(Number(after ?? 0n)));
    },
    holds: async ({ position, id }, call) => {
      expectTimeLeft(call);
      return reading(() => log.idAt(Number(position)) === id);
    },
    reaches: async (position, call) => {
      expectTimeLeft(call);
      return reading(() => log.lastPosition() >= Number(position));
    },
    async close() {
      if (closing.signal.aborted) return;
      await commits.idle();
      closing.abort();
      foreignCommits.stop();
      await nextTurn();
      log.db.close();
    },
  };
}

/** Writes what one caller asked for; checks every stream before it touches the first, so a conflict leaves nothing behind. */
function appendAll(
  log: EventLog,
  known: KnownRevisions,
  appends: readonly EncodedAppend[],
  written: RecordedEvent[],
): AppendResult {
  const repeated = new Map<EncodedAppend, bigint>();
  for (const append of appends) {
    const actual = known.get(append.stream) ?? log.revisionOf(append.stream);
    if (actual === append.expected) continue;
    const position = positionOfRepeat(log, append);
    if (position === null) return { outcome: 'conflict', stream: append.stream, actual };
    repeated.set(append, position);
  }
  let position = 0n;
  for (const append of appends) {
    const earlier = repeated.get(append);
    if (earlier !== undefined) {
      position = earlier;
      continue;
    }
    append.encoded.forEach((encoded, index) => {
      const revision = append.expected + 1 + index;
      position = BigInt(log.insert(append.stream, revision, encoded));
      known.set(append.stream, revision);
      const { id, type, data, metadata } = append.events[index] as NewEvent;
      written.push({ id, type, data, metadata, stream: append.stream, revision, position });
    });
  }
  return { outcome: 'appended', position };
}

/** The position of the last of these events if exactly they already stand where they were to go, else null. */
function positionOfRepeat(log: EventLog, { stream, expected, events }: EncodedAppend): bigint | null {
  const stored = log.idsAt(stream, expected + 1, events.length);
  const same = stored.length === events.length && stored.every(({ id }, index) => id === events[index]?.id);
  const last = stored.at(-1);
  return same && last ? BigInt(last.position) : null;
}

function encodeAppend({ stream, expected, events }: StreamAppend): EncodedAppend {
  if (events.length === 0) throw new TypeError(`an append to ${stream} holds no event`);
  const encoded = events.map(({ id, type, data, metadata }) => ({
    id,
    type,
    data: encodePayload(data),
    metadata: encodePayload(metadata),
  }));
  return { stream, expected, events, encoded };
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

/** The next `limit` events of padron's own: a file may hold what somebody else's tool put there. */
function ownEvents(log: EventLog, after: number, limit: number): RecordedEvent[] {
  const found: RecordedEvent[] = [];
  for (let position = after; found.length < limit;) {
    const rows = log.readRows(position, limit);
    const own = rows.filter(({ stream }) => isOwnStream(stream)).slice(0, limit - found.length);
    found.push(...own.map(toRecorded));
    const last = rows.at(-1);
    if (!last || rows.length < limit) break;
    position = last.position;
  }
  return found;
}

/** Calls `onCommit` after another process has committed to the same file. Does not keep the process alive. */
function watchForeignCommits(log: EventLog, onCommit: () => void): { check(): void; stop(): void } {
  const haveOthersCommitted = commitsOfOthers(log.db);
  const check = (): void => {
    if (haveOthersCommitted()) onCommit();
  };
  const timer = setInterval(check, FOREIGN_COMMIT_CHECK_MS);
  timer.unref();
  return {
    check,
    stop: () => {
      clearInterval(timer);
    },
  };
}

const closedError = (): EventStoreError =>
  new EventStoreError('the event log is closed', { outcomeUnknown: false });
