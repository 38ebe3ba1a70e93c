import { expect } from 'chai';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from '@photostructure/sqlite';
import { createDeadline } from '../../src/platform/deadline.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import type { EventStoreError } from '../../src/events/eventErrors.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { Database } from '../../src/platform/sqlite/sqlite.ts';
import { eventually } from '../support/eventually.ts';
import { failStatements } from '../support/failingStatements.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { everything } from './contract/following.ts';
import { event, failureOf, typesIn, written } from './contract/steps.ts';

describe('The embedded event store when its file fails', () => {
  let folder: string;
  let file: string;
  let store: EventStore;
  let reported: string[];

  const open = (): EventStore =>
    openSqliteEventStore({
      file,
      logger: { error: (fields, text) => reported.push(`${text} ${JSON.stringify(fields)}`) },
    });
  const append = (expected: number, type: string, call?: Parameters<EventStore['append']>[1]) =>
    store.append([{ stream: 'persona-1', expected, events: [event(type)] }], call);

  beforeEach(async () => {
    folder = newFolder();
    file = join(folder, 'events.db');
    reported = [];
    store = open();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
  });
  afterEach(async () => {
    await store.close().catch(() => undefined);
    removeFolder(folder);
  });

  for (const rollback of ['works', 'fails before', 'fails after'] as const) {
    describe(`in a commit when the rollback ${rollback}`, () => {
      let faults: ReturnType<typeof failStatements>;
      beforeEach(() => {
        faults = failStatements((sql) => {
          if (sql === 'COMMIT') return 'before';
          if (sql !== 'ROLLBACK' || rollback === 'works') return null;
          return rollback === 'fails before' ? 'before' : 'after';
        });
      });
      afterEach(() => {
        faults.stop();
      });

      it('reports that the outcome is unknown, and why', async () => {
        const error = (await failureOf(append(0, 'B'))) as EventStoreError;
        expect(error).to.include({ name: 'EventStoreError', outcomeUnknown: true });
        expect(error.message).to.contain('events.db: disk I/O error (SQLITE_IOERR)');
      });

      it('shows nothing uncommitted', async () => {
        await failureOf(append(0, 'B'));
        faults.stop();
        expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
      });

      if (rollback !== 'fails before')
        it('leaves the file unlocked for other processes', async () => {
          await failureOf(append(0, 'B'));
          const other = new DatabaseSync(file, { timeout: 0 });
          other.exec('BEGIN IMMEDIATE; ROLLBACK');
          other.close();
        });

      it('leaves no gap in the stream', async () => {
        await failureOf(append(0, 'B'));
        faults.stop();
        // Before anything is read: what was known of the stream must not count.
        expect(await append(1, 'C')).to.deep.equal({
          outcome: 'conflict',
          stream: 'persona-1',
          actual: 0,
        });
        expect((await append(0, 'D')).outcome).to.equal('appended');
        expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'D']);
      });
    });
  }

  it('reports that nothing was stored if the transaction could not begin', async () => {
    const faults = failStatements((sql) => (sql === 'BEGIN IMMEDIATE' ? 'before' : null));
    const error = await failureOf(append(0, 'B'));
    faults.stop();
    expect(error).to.include({ name: 'EventStoreError', outcomeUnknown: false });
  });

  it('answers with an error, without ending the process, when the file is overwritten', async () => {
    const other = new DatabaseSync(file);
    other.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    other.close();
    writeFileSync(file, 'not a database at all'.repeat(1_000));
    await eventually('the trouble is reported', () =>
      reported.some((line) => line.includes('SQLITE_NOTADB')),
    );
    expect(await failureOf(append(0, 'B'))).to.include({ name: 'EventStoreError' });
    expect(reported, 'reported once').to.have.length(1);
  });

  describe('when another process holds its write lock', () => {
    let other: Database;
    beforeEach(() => {
      other = new Database(file, 0);
      other.exec('BEGIN IMMEDIATE');
    });
    afterEach(() => {
      other.close();
    });

    it('appends once the lock is free, and answers reads in the meantime', async () => {
      const appended = append(0, 'B');
      // Were the lock waited for in SQLite, this would not be reached before the wait is over.
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
      other.exec('ROLLBACK');
      expect((await appended).outcome).to.equal('appended');
    });

    it('abandons an append at its deadline without storing any of it, and continues with others', async () => {
      const deadline = createDeadline(50);
      const late = failureOf(append(0, 'late', { deadline }));
      const patient = append(0, 'B');
      expect(await late).to.include({ name: 'EventStoreError', outcomeUnknown: false });
      expect(((await late) as Error).message).to.contain('locked (SQLITE_BUSY)');
      other.exec('ROLLBACK');
      expect((await patient).outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'B']);
    });

    it('opens the file for reading at once', async () => {
      const reader = openSqliteEventStore({ file, use: 'read through' });
      expect(await typesIn(reader, 'persona-1')).to.deep.equal(['A']);
      await reader.close();
    });
  });

  it('does not look like a commit to others when it is only opened and read', async () => {
    const other = new Database(file, 0);
    const version: { get(): unknown } = other.prepare('PRAGMA file.data_version');
    const before = version.get();
    const reader = openSqliteEventStore({ file, use: 'read through' });
    await reader.readAll(null, 10);
    await reader.close();
    expect(version.get()).to.deep.equal(before);
    other.close();
  });

  describe('when the log was replaced', () => {
    let kept: string;
    let replacements: number;
    let followed: Promise<unknown>;

    /** A copy of the log as it is now, and one event more in the log itself. */
    beforeEach(async () => {
      await store.close();
      kept = join(folder, 'kept.db');
      copyFileSync(file, kept);
      store = open();
      replacements = 0;
      store.onReplaced(() => (replacements += 1));
      let isCaughtUp: () => void = () => undefined;
      const caughtUp = new Promise<void>((resolve) => (isCaughtUp = resolve));
      const follow = async (): Promise<void> => {
        const { signal } = new AbortController();
        for await (const { events } of store.subscribe({ ...everything(), signal })) {
          if (events.some(({ type }) => type === 'later')) isCaughtUp();
        }
      };
      followed = follow().catch((error: unknown) => error);
      await written(store, 'persona-1', 0, [event('later')]);
      await caughtUp;
    });

    it('reports an older state that was restored into the file, and serves it', async () => {
      const source = new DatabaseSync(kept);
      await backup(source, file);
      source.close();
      expect(await followed).to.include({ name: 'LogReplacedError' });
      expect(replacements).to.equal(1);
      expect(await typesIn(store, 'persona-1')).to.deep.equal(['A']);
      expect((await append(0, 'B')).outcome).to.equal('appended');
    });

    for (const [what, change] of [
      [
        'was replaced',
        () => {
          renameSync(kept, file);
        },
      ],
      [
        'was removed',
        () => {
          rmSync(file);
        },
      ],
    ] as const) {
      it(`refuses every call once the file ${what}`, async () => {
        change();
        const failure = await failureOf(append(1, 'B'));
        expect((failure as Error).message).to.contain('restart padron');
        expect(await followed).to.include({ name: 'LogReplacedError' });
        expect(await failureOf(store.readStream('persona-1', { limit: 1 }))).to.include({
          name: 'EventStoreError',
        });
        expect(replacements).to.equal(1);
      });
    }

    it('reports nothing if another process has appended to the log', async () => {
      const other = openSqliteEventStore({ file });
      await written(other, 'persona-2', NO_REVISION, [event('B')]);
      expect((await append(1, 'C')).outcome).to.equal('appended');
      await other.close();
      expect(replacements).to.equal(0);
      await store.close();
      expect(await followed).to.equal(undefined);
    });
  });
});
