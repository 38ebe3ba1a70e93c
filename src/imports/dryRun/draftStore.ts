import { DatabaseSync } from '@photostructure/sqlite';
import { encodePayload } from '../../events/codec.ts';
import {
  eventsOf,
  lastEventOf,
  NO_REVISION,
  type AppendResult,
  type EventStore,
  type NewEvent,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamAppend,
} from '../../events/eventStore.ts';
import { expectValidAppends } from '../../events/stores/expectValidAppends.ts';
import { isErasure } from '../../events/bookkeeping/erasures.ts';
import { readEach } from '../../events/stores/readEach.ts';
import type { Sealing } from '../../events/types.ts';
import { newDataKey, open, seal, type SealedPlace } from '../../sealing/envelope.ts';

/** The first position of drafts, beyond any position of a real log. */
const FIRST_POSITION = 1n << 60n;

/**
 * The streams of a log with drafts on top: appends never reach the log, so a dry run is the real run
 * with the same outcome. The drafts are in an unnamed temporary file that ends with the process,
 * sealed with a key of this process only, because a crash leaves their bytes on the disk. `log` null:
 * an empty log. Reads in log order (`readAll`, `subscribe`, `head`) do not show the drafts.
 */
export function draftStore(log: EventStore | null): EventStore {
  const drafts = openDrafts();

  async function readStream(stream: string, options: ReadStreamOptions): Promise<RecordedEvent[]> {
    const ends = drafts.ends(stream);
    if (!ends) return log ? log.readStream(stream, options) : [];
    const { limit, backwards = false, deadline } = options;
    if (backwards) {
      const from = options.from ?? ends.last;
      const own = drafts.read(stream, { from, backwards, limit });
      const left = limit - own.length;
      if (left === 0 || ends.first === 0 || !log) return own;
      const below = { from: Math.min(from, ends.first - 1), backwards, limit: left, deadline };
      return [...own, ...(await log.readStream(stream, below))];
    }
    const from = options.from ?? 0;
    const below = Math.min(limit, ends.first - from);
    const stored = below > 0 && log ? await log.readStream(stream, { from, limit: below, deadline }) : [];
    const left = limit - stored.length;
    const own = left > 0 ? drafts.read(stream, { from: Math.max(from, ends.first), limit: left }) : [];
    return [...stored, ...own];
  }

  async function append(appends: readonly StreamAppend[]): Promise<AppendResult> {
    expectValidAppends(appends);
    const stored = await Promise.all(
      appends.map(
        async ({ stream }) => (log ? await lastEventOf(log, stream) : null)?.revision ?? NO_REVISION,
      ),
    );
    // No await from here on, so that no other append can come in between.
    for (const [index, { stream, expected, events }] of appends.entries()) {
      const actual = drafts.ends(stream)?.last ?? stored[index] ?? NO_REVISION;
      if (actual === expected) continue;
      const there = drafts.read(stream, { from: expected + 1, limit: events.length });
      const isRepeat = there.length === events.length && there.every(({ id }, at) => id === events[at]?.id);
      return isRepeat ? { outcome: 'appended', position: null } : { outcome: 'conflict', stream, actual };
    }
    let position: bigint | null = null;
    for (const { stream, expected, events } of appends)
      for (const [index, event] of events.entries())
        position = drafts.add(stream, expected + 1 + index, event);
    return { outcome: 'appended', position };
  }

  return {
    ...(log?.sealing ? { sealing: draftSealing(log, log.sealing) } : {}),
    atomic: true,
    append,
    readStream,
    readStreams: (starts, options) => readEach({ readStream }, starts, { ...options, atOnce: 1 }),
    readAll: async (after, limit, options) => log?.readAll(after, limit, options) ?? [],
    async *subscribe(options) {
      if (log) yield* log.subscribe(options);
    },
    head: async (options) => log?.head(options) ?? null,
    countAfter: async (after, options) => (log ? log.countAfter(after, options) : 0),
    holds: async (mark, options) => (log ? log.holds(mark, options) : false),
    reaches: async (position, options) => (log ? log.reaches(position, options) : false),
    onReplaced: (listener) => log?.onReplaced(listener),
    async close() {
      drafts.close();
      await log?.close();
    },
  };
}

/** Knows the erased people and makes no keys for others: drafts have a key of their own. */
const draftSealing = (log: EventStore, sealing: Sealing): Sealing => ({
  createKeys: (subjects, options) =>
    Promise.all(
      subjects.map(async (subject) => {
        for await (const event of eventsOf(log, subject, 0, 500, options))
          if (isErasure(event)) return 'erased';
        return 'key';
      }),
    ),
  choose: () => Promise.resolve(null),
  confirm: (sealedBy) => sealing.confirm(sealedBy),
  isSealed: () => sealing.isSealed(),
});

interface Drafts {
  /** The first and last revision of a stream's drafts; null if it has none. */
  ends(stream: string): { first: number; last: number } | null;
  read(stream: string, options: { from: number; backwards?: boolean; limit: number }): RecordedEvent[];
  add(stream: string, revision: number, event: NewEvent): bigint;
  close(): void;
}

function openDrafts(): Drafts {
  // Without a name, SQLite uses memory and, if that is not enough, a file that it has already unlinked.
  const db = new DatabaseSync('');
  db.exec(
    'CREATE TABLE drafts (stream TEXT, revision INTEGER, event TEXT, PRIMARY KEY (stream, revision)) WITHOUT ROWID',
  );
  const ends = db.prepare(
    'SELECT min(revision) AS first, max(revision) AS last FROM drafts WHERE stream = ?',
  );
  const forwards = db.prepare(
    'SELECT revision, event FROM drafts WHERE stream = ? AND revision >= ? ORDER BY revision LIMIT ?',
  );
  const back = db.prepare(
    'SELECT revision, event FROM drafts WHERE stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?',
  );
  const insert = db.prepare('INSERT INTO drafts VALUES (?, ?, ?)');
  const key = newDataKey('drafts');
  let position = FIRST_POSITION;
  return {
    ends(stream) {
      const { first, last } = ends.get(stream) as { first: number | null; last: number | null };
      return first === null || last === null ? null : { first, last };
    },
    read(stream, { from, backwards = false, limit }) {
      const rows = (backwards ? back : forwards).all(stream, from, limit) as {
        revision: number;
        event: string;
      }[];
      return rows.map(({ revision, event }) => {
        const text = open(key, placeOf(stream, revision), event);
        const { position: at, ...rest } = JSON.parse(text) as Omit<RecordedEvent, 'position'> & {
          position: string;
        };
        return { ...rest, position: BigInt(at) };
      });
    },
    add(stream, revision, event) {
      position += 1n;
      const text = encodePayload({ ...event, stream, revision, position: String(position) });
      insert.run(stream, revision, seal(key, placeOf(stream, revision), text));
      return position;
    },
    close() {
      db.close();
    },
  };
}

const placeOf = (stream: string, revision: number): SealedPlace => ({
  stream,
  id: String(revision),
  type: 'draft',
});
