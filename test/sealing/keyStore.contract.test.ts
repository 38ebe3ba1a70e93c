import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { KeyStoreError, type KeyRow, type KeyStore, type WrappedKey } from '../../src/sealing/keyStore.ts';
import { openMongoKeyStore } from '../../src/sealing/stores/mongoKeyStore.ts';
import { openSqliteKeyStore } from '../../src/sealing/stores/sqliteKeyStore.ts';
import { failureOf } from '../events/contract/steps.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { memoryKeyStore } from './memoryKeyStore.ts';

interface Opened {
  store: KeyStore;
  /** Another one on the same storage. */
  again(): Promise<KeyStore>;
  close(): Promise<void>;
}

const keyOf = (subject: string, more: Partial<WrappedKey> = {}): WrappedKey => ({
  subject,
  keyId: `id of ${subject}`,
  wrapped: `wrapped key of ${subject}`,
  master: 'the master',
  ...more,
});

const HOLDS_NEITHER = 'the key store holds neither a key nor a tombstone for user-1';

function keyStoreRules(open: () => Promise<Opened>): void {
  let opened: Opened;
  let store: KeyStore;
  beforeEach(async () => {
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened.close());

  it('finds keys by subject and by key id, and leaves out what it does not have', async () => {
    await store.add([keyOf('persona-1'), keyOf('user-1'), keyOf('user-2')]);
    expect(await store.ofSubjects(['user-1', 'user-9'])).to.deep.equal([keyOf('user-1')]);
    const byId = await store.ofKeys(['id of persona-1', 'id of user-2', 'unknown']);
    expect(byId).to.have.deep.members([keyOf('persona-1'), keyOf('user-2')]);
    expect(await store.ofSubjects([])).to.deep.equal([]);
  });

  it('keeps the first key of a subject that is added twice', async () => {
    expect(await store.add([keyOf('user-1')])).to.equal(true);
    expect(await store.add([keyOf('user-1', { keyId: 'another' }), keyOf('user-2')])).to.equal(false);
    expect(await store.ofSubjects(['user-1', 'user-2'])).to.have.deep.members([
      keyOf('user-1'),
      keyOf('user-2'),
    ]);
  });

  it('keeps one key where several writers add one for the same subject at once', async () => {
    const other = await opened.again();
    const adding = Array.from({ length: 20 }, (_, n) =>
      (n % 2 === 0 ? store : other).add([keyOf('user-1', { keyId: `id ${n}` }), keyOf(`user-${n + 2}`)]),
    );
    expect((await Promise.all(adding)).filter((wereAllAdded) => wereAllAdded)).to.have.length(1);
    const mine = await store.ofSubjects(['user-1']);
    expect(mine).to.have.length(1);
    expect(await other.ofSubjects(['user-1'])).to.deep.equal(mine);
    expect(await store.scan({ after: null, limit: 99 })).to.have.length(21);
    await other.close();
  });

  it('adds hundreds of keys at once, and reports that every one was added', async () => {
    const keys = Array.from({ length: 234 }, (_, n) => keyOf(`user-${n}`));
    expect(await store.add(keys)).to.equal(true);
    expect(await store.scan({ after: null, limit: 999 })).to.have.deep.members(keys);
    expect(await store.add([...keys, keyOf('user-999')])).to.equal(false);
  });

  it('shows a tombstone, and no key, after an erasure, for every reader', async () => {
    await store.add([keyOf('user-1'), keyOf('user-2')]);
    const tombstone = { subject: 'user-1', keyId: 'id of user-1', erasedAt: '2026-01-02T03:04:05.000Z' };
    await store.erase(tombstone);
    const other = await opened.again();
    expect(await other.ofSubjects(['user-1'])).to.deep.equal([tombstone]);
    expect(await other.ofKeys(['id of user-1'])).to.deep.equal([tombstone]);
    expect(await other.ofSubjects(['user-2'])).to.deep.equal([keyOf('user-2')]);
    await other.close();
  });

  it('never brings an erased key back: not by an addition, not by a rotation, not by another erasure', async () => {
    await store.add([keyOf('user-1')]);
    const tombstone = { subject: 'user-1', keyId: 'id of user-1', erasedAt: '2026-01-02T03:04:05.000Z' };
    await store.erase(tombstone);
    await store.add([keyOf('user-1')]);
    expect(await store.rewrap(keyOf('user-1'), keyOf('user-1', { wrapped: 'again' }))).to.equal(false);
    await store.erase({ ...tombstone, erasedAt: '2027-01-01T00:00:00.000Z' });
    expect(await store.ofSubjects(['user-1'])).to.deep.equal([tombstone]);
  });

  it('erases a subject that it has no key of: the tombstone counts', async () => {
    const tombstone = { subject: 'user-7', keyId: 'from the log', erasedAt: '2026-01-02T03:04:05.000Z' };
    await store.erase(tombstone);
    await store.add([keyOf('user-7')]);
    expect(await store.ofSubjects(['user-7'])).to.deep.equal([tombstone]);
  });

  it('replaces a wrapping only where it is the one that was read', async () => {
    await store.add([keyOf('user-1')]);
    const next = keyOf('user-1', { wrapped: 'under another master', master: 'another' });
    expect(await store.rewrap(keyOf('user-1', { wrapped: 'older' }), next)).to.equal(false);
    expect(await store.rewrap(keyOf('user-1'), next)).to.equal(true);
    expect(await store.ofSubjects(['user-1'])).to.deep.equal([next]);
  });

  it('lists every subject once, in pages by name', async () => {
    const subjects = Array.from({ length: 12 }, (_, n) => `user-${n + 1}`);
    await store.add(subjects.map((subject) => keyOf(subject)));
    const listed: string[] = [];
    for (let after: string | null = null; ;) {
      const page = await store.scan({ after, limit: 5 });
      if (page.length === 0) break;
      listed.push(...page.map(({ subject }) => subject));
      after = listed.at(-1) ?? null;
    }
    expect(listed).to.deep.equal([...subjects].sort());
  });
}

describe('the key store in memory keeps the rules of a key store', () => {
  keyStoreRules(async () => {
    const rows = new Map<string, KeyRow>();
    return { store: memoryKeyStore(rows), again: async () => memoryKeyStore(rows), close: async () => {} };
  });
});

describe('the key store on SQLite', () => {
  const folders: string[] = [];
  const open = async (): Promise<Opened & { folder: string }> => {
    const folder = newFolder();
    folders.push(folder);
    const file = join(folder, 'keys.db');
    const store = openSqliteKeyStore({ file });
    return { folder, store, again: async () => openSqliteKeyStore({ file }), close: () => store.close() };
  };
  after(() => {
    for (const folder of folders) removeFolder(folder);
  });

  describe('keeps the rules of a key store', () => {
    keyStoreRules(open);
  });

  it('names the subject of a row that holds neither a key nor a tombstone', async () => {
    const { folder, store, close } = await open();
    await store.add([keyOf('user-1')]);
    const db = openSqlite(join(folder, 'keys.db'), { synchronous: 'FULL' });
    db.exec('UPDATE keys SET master = NULL');
    db.close();
    const error = await failureOf(store.ofSubjects(['user-1']));
    expect(error).to.be.instanceOf(KeyStoreError).and.to.have.property('message', HOLDS_NEITHER);
    await close();
  });

  it('leaves no byte of an erased key in any of its files, while it is open and after', async () => {
    const { folder, store, again } = await open();
    const other = await again();
    await store.add([
      keyOf('user-1', { wrapped: 'SECRET-OF-ONE' }),
      keyOf('user-2', { wrapped: 'SECRET-OF-TWO' }),
    ]);
    await other.ofSubjects(['user-1']);
    const bytes = (): string =>
      readdirSync(folder)
        .map((name) => readFileSync(join(folder, name), 'latin1'))
        .join('');
    expect(bytes()).to.include('SECRET-OF-ONE');
    await store.erase({ subject: 'user-1', keyId: 'id of user-1', erasedAt: '2026-01-02T03:04:05.000Z' });
    expect(bytes()).not.to.include('SECRET-OF-ONE');
    expect(bytes()).to.include('SECRET-OF-TWO');
    await Promise.all([store.close(), other.close()]);
    expect(bytes()).not.to.include('SECRET-OF-ONE');
  });
});

describe('the key store on MongoDB', () => {
  it('refuses a URL without a database with its own error, which names the cause and no password', async () => {
    const error = await failureOf(openMongoKeyStore({ url: 'mongodb://padron:s3cret@localhost/' }));
    expect(error).to.be.instanceOf(KeyStoreError);
    expect(error)
      .to.have.property('message')
      .that.matches(/^the key store failed: MONGODB_URL must be/);
    expect(error).to.have.property('message').that.does.not.contain('s3cret');
  });
});

describeOnMongo('the key store on MongoDB with a row that holds neither a key nor a tombstone', () => {
  it('names its subject', async () => {
    const database = testDatabase();
    const store = await openMongoKeyStore(database);
    await store.add([keyOf('user-1')]);
    const client = new MongoClient(database.url);
    await client
      .db()
      .collection('subject_keys')
      .updateMany({}, { $unset: { master: '' } });
    const error = await failureOf(store.ofSubjects(['user-1']));
    expect(error).to.be.instanceOf(KeyStoreError).and.to.have.property('message', HOLDS_NEITHER);
    await client.close();
    await store.close();
    await database.drop();
  });
});

describeOnMongo('the key store on MongoDB keeps the rules of a key store', () => {
  keyStoreRules(async () => {
    const database = testDatabase();
    const store = await openMongoKeyStore(database);
    return {
      store,
      again: () => openMongoKeyStore(database),
      async close() {
        await store.close();
        await database.drop();
      },
    };
  });
});
