import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ErasedData } from '../../src/events/codec.ts';
import { fixedKey, settingsKey, SettingsMismatchError } from '../../src/events/bookkeeping/settings.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { BookkeepingEvent, HistoryEvent, Sealing } from '../../src/events/types.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import { keysOf, keysUrlOf, sealedStore, type KeyPlace } from '../../src/sealing/opening/sealedStore.ts';
import { openSqliteKeyStore } from '../../src/sealing/stores/sqliteKeyStore.ts';
import { failureOf } from '../events/contract/steps.ts';
import { socia } from '../support/decisions.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { keyPlaceIn } from '../support/madeUpKeys.ts';
import { memoryEventStore, memoryLog, replaceLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { openFiles } from '../support/openFiles.ts';
import { immediateClock } from '../support/processes.ts';

const AT = '2026-01-02T03:04:05.000Z';
type Opened = EventStore & { sealing: Sealing };

describe('A log with a place for keys', () => {
  let folder: string;
  let log: MemoryLog;
  let opened: Opened[];
  /** How often the settings of the log were read, and a log was closed. */
  let settingsReads: number;
  let closed: number;

  beforeEach(() => {
    folder = newFolder();
    log = memoryLog();
    [opened, settingsReads, closed] = [[], 0, 0];
  });
  afterEach(async () => {
    await Promise.all(opened.map((store) => store.close()));
    removeFolder(folder);
  });

  const placeIn = (dataDir: string, wanted: 'on' | 'off' | null = null): KeyPlace => {
    const place = keyPlaceIn(dataDir);
    return { ...place, sealing: { ...place.sealing, wanted } };
  };
  /** Opens the log, as another process does. */
  function open(place = placeIn(folder), of = log): Opened {
    const raw = memoryEventStore(of);
    const store = sealedStore(
      {
        ...raw,
        readStream(stream, options) {
          if (stream === 'padron-settings') settingsReads += 1;
          return raw.readStream(stream, options);
        },
        async close() {
          closed += 1;
          await raw.close();
        },
      },
      place,
    );
    opened.push(store);
    return store;
  }
  /** Opens it for the first time, which decides whether it is sealed. */
  async function begin(place = placeIn(folder), of = log): Promise<Opened> {
    const store = open(place, of);
    await settingsKey({ store, clock: immediateClock }, null);
    return store;
  }
  async function write(
    store: EventStore,
    stream: string,
    event: HistoryEvent | BookkeepingEvent,
    expected = NO_REVISION,
  ): Promise<unknown> {
    const made = newEvent(`${stream} ${expected}`, event, systemOrigin('r-1'), AT);
    return store.append([{ stream, expected, events: [made] }]);
  }
  async function register(store: Opened, stream = 'user-15'): Promise<unknown> {
    await store.sealing.createKeys([stream]);
    return write(store, stream, { type: 'UserRegistered', data: socia });
  }
  const first = async (store: EventStore, stream = 'user-15'): Promise<object | undefined> =>
    (await store.readStream(stream, { limit: 1 }))[0]?.data;
  const stored = (stream = 'user-15'): object | undefined =>
    log.events.find((event) => event.stream === stream)?.data;

  it('is sealed from its start on, whichever process appends or reads first', async () => {
    await begin();
    await register(open());
    expect(stored()).to.have.all.keys('sealed');
    expect(stored('padron-settings')).to.include.keys('sealedBy', 'key');
    expect(await first(open())).to.deep.equal(socia);
    const writer = open();
    await write(writer, 'user-15', { type: 'UserRemoved', data: {} }, 0);
    expect(log.events.at(-1)?.data).to.have.all.keys('sealed');
    expect(await open().sealing.isSealed()).to.equal(true);
    expect(await keysOf(open())).to.not.equal(null);
  });

  it('is asked once whether it is sealed, and not before somebody’s event is read or written', async () => {
    for (const wanted of [null, 'off'] as const) {
      log = memoryLog();
      await begin(placeIn(folder, wanted));
      const store = open();
      settingsReads = 0;
      await write(store, 'sequence-user', { type: 'IdAllocated', data: { id: 1 } });
      expect(await first(store, 'sequence-user')).to.deep.equal({ id: 1 });
      expect(settingsReads).to.equal(0);
      await register(store);
      expect(await first(store)).to.deep.equal(socia);
      await write(store, 'user-15', { type: 'UserRemoved', data: {} }, 0);
      expect(settingsReads).to.equal(1);
    }
  });

  it('is closed with its keys, whether they were opened or not', async () => {
    const [used, unused] = [await begin(), open()];
    await Promise.all([used.close(), unused.close()]);
    expect(closed).to.equal(2);
    expect((openFiles() ?? []).filter((name) => name.startsWith(folder))).to.deep.equal([]);
  });

  it('makes the folder of its keys where that is missing', async () => {
    const place = placeIn(join(folder, 'new'));
    const masterKey = randomBytes(32).toString('base64');
    await register(await begin({ ...place, sealing: { ...place.sealing, masterKey } }));
    expect(existsSync(join(folder, 'new', 'keys.db'))).to.equal(true);
  });

  it('has the keys in the database beside that of the views', () => {
    expect(keysUrlOf('mongodb://a:1,b/p?w=1')).to.equal('mongodb://a:1,b/p_keys?w=1');
    expect(keysUrlOf('mongodb+srv://u:w@host/p')).to.equal('mongodb+srv://u:w@host/p_keys');
  });

  it('stays in clear if it began so, and no key is made for it', async () => {
    const store = await begin(placeIn(folder, 'off'));
    const later = open();
    await register(later);
    expect(stored()).to.deep.equal(socia);
    expect(await first(store)).to.deep.equal(socia);
    expect(await first(open())).to.deep.equal(socia);
    expect(await later.sealing.isSealed()).to.equal(false);
    expect(await keysOf(later)).to.equal(null);
    expect(existsSync(join(folder, 'keys.db'))).to.equal(false);
  });

  it('is in clear until it has begun, without being taken for a log that began in clear', async () => {
    const store = open();
    expect(await store.sealing.isSealed()).to.equal(false);
    await settingsKey({ store: open(), clock: immediateClock }, null);
    expect(await store.sealing.isSealed()).to.equal(true);
    await register(store);
    expect(stored()).to.have.all.keys('sealed');
  });

  it('is refused with another setting than it began with', async () => {
    await begin();
    const off = failureOf(settingsKey({ store: open(placeIn(folder, 'off')), clock: immediateClock }, null));
    expect(await off)
      .to.be.instanceOf(SettingsMismatchError)
      .with.property('message')
      .that.contains('SEALING=off');
    log = memoryLog();
    await begin(placeIn(folder, 'off'));
    const on = failureOf(settingsKey({ store: open(placeIn(folder, 'on')), clock: immediateClock }, null));
    expect(await on)
      .to.be.instanceOf(SettingsMismatchError)
      .with.property('message')
      .that.contains('without sealing');
  });

  it('is refused with the key store of another log, whose keys stay, although people have the same names', async () => {
    const other = newFolder();
    try {
      const others = memoryLog();
      await register(await begin(placeIn(other), others));
      await register(await begin());
      await eraseInLog();
      copyFileSync(join(folder, 'master-key'), join(other, 'master-key'));
      const mixed = failureOf(settingsKey({ store: open(placeIn(other)), clock: immediateClock }, null));
      expect(await mixed)
        .to.be.instanceOf(SettingsMismatchError)
        .with.property('message')
        .that.contains('the key store');
      const keys = await keysOf(open(placeIn(other), others));
      const [row] = (await keys?.store.ofSubjects(['user-15'])) ?? [];
      expect(row).to.have.property('wrapped');
    } finally {
      await Promise.all(opened.splice(0).map((store) => store.close()));
      removeFolder(other);
    }
  });

  /** Decides the erasure of user 15 in the log alone: the key store still has the key, as a restored one has. */
  async function eraseInLog(place = placeIn(folder)): Promise<void> {
    const keys = await keysOf(open(place));
    const [row] = (await keys?.store.ofSubjects(['user-15'])) ?? [];
    const erasure = { erasure: 'user-15 0', key: row?.keyId ?? '', reason: 'Request 7' };
    const by = { account: 'ana', role: 'dpo' };
    const begun = { ...erasure, subject: 'user-15', revision: 1, by, rolls: [] };
    await write(memoryEventStore(log), ERASURES_STREAM, { type: 'ErasureBegun', data: begun });
    await write(memoryEventStore(log), 'user-15', { type: 'SubjectErased', data: erasure }, 0);
  }

  it('erases the keys again, before anything is read, that a restored key store still has', async () => {
    for (const look of [first, (store: Opened) => fixedKey(store, null)]) {
      log = memoryLog();
      const place = placeIn(join(folder, look === first ? 'read' : 'started'));
      await register(await begin(place));
      await eraseInLog(place);
      const store = open(place);
      const found = await look(store);
      if (look === first) expect(found).to.be.instanceOf(ErasedData);
      const keys = openSqliteKeyStore({ file: join(place.dataDir, 'keys.db') });
      const [row] = await keys.ofSubjects(['user-15']);
      await keys.close();
      expect(row).to.have.property('erasedAt');
    }
  });

  it('can be read once its master key is there, without a restart', async () => {
    await register(await begin());
    const elsewhere = newFolder();
    try {
      const store = open(placeIn(elsewhere));
      expect(await failureOf(first(store))).to.be.instanceOf(SettingsMismatchError);
      for (const file of ['master-key', 'keys.db']) {
        await Promise.all(opened.filter((one) => one !== store).map((one) => one.close()));
        copyFileSync(join(folder, file), join(elsewhere, file));
      }
      expect(await first(store)).to.deep.equal(socia);
      await store.close();
    } finally {
      removeFolder(elsewhere);
    }
  });

  it('is asked again whether it is sealed once another log is in its place', async () => {
    const store = await begin(placeIn(folder, 'off'));
    expect(await store.sealing.isSealed()).to.equal(false);
    const sealed = memoryLog();
    await register(await begin(placeIn(folder), sealed));
    replaceLog(log, sealed.events);
    expect(await store.sealing.isSealed()).to.equal(true);
    expect(await first(store)).to.deep.equal(socia);
  });
});
