import { expect } from 'chai';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { ErasedData } from '../../src/events/codec.ts';
import { settingsKey, SettingsMismatchError } from '../../src/events/bookkeeping/settings.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { BookkeepingEvent, HistoryEvent, Sealing } from '../../src/events/types.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import { keysOf, sealedStore, type KeyPlace } from '../../src/sealing/opening/sealedStore.ts';
import { failureOf } from '../events/contract/steps.ts';
import { socia } from '../support/decisions.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { keyPlaceIn } from '../support/madeUpKeys.ts';
import { memoryEventStore, memoryLog, replaceLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { immediateClock } from '../support/processes.ts';

const AT = '2026-01-02T03:04:05.000Z';
type Opened = EventStore & { sealing: Sealing };

describe('A log with a place for keys', () => {
  let folder: string;
  let log: MemoryLog;
  let opened: Opened[];

  beforeEach(() => {
    folder = newFolder();
    log = memoryLog();
    opened = [];
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
    const store = sealedStore(memoryEventStore(of), place);
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
  async function eraseInLog(): Promise<void> {
    const keys = await keysOf(open());
    const [row] = (await keys?.store.ofSubjects(['user-15'])) ?? [];
    const erasure = { erasure: 'user-15 0', key: row?.keyId ?? '', reason: 'Request 7' };
    const by = { account: 'ana', role: 'dpo' };
    const begun = { ...erasure, subject: 'user-15', revision: 1, by, rolls: [] };
    await write(memoryEventStore(log), ERASURES_STREAM, { type: 'ErasureBegun', data: begun });
    await write(memoryEventStore(log), 'user-15', { type: 'SubjectErased', data: erasure }, 0);
  }

  it('erases the keys again, before anything is read, that a restored key store still has', async () => {
    await register(await begin());
    await eraseInLog();
    const store = open();
    expect(await first(store)).to.be.instanceOf(ErasedData);
    const [row] = (await (await keysOf(store))?.store.ofSubjects(['user-15'])) ?? [];
    expect(row).to.have.property('erasedAt');
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
