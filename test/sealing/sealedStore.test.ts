import { expect } from 'chai';
import { join } from 'node:path';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { createImporter } from '../../src/commands/handling/importer.ts';
import { settingsKey, SettingsMismatchError } from '../../src/events/bookkeeping/settings.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { SETTINGS_STREAM } from '../../src/events/streams.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { openSqlite, type Database } from '../../src/platform/sqlite/sqlite.ts';
import { developmentMasterKey } from '../../src/sealing/developmentMasterKey.ts';
import { KeyStoreError } from '../../src/sealing/keyStore.ts';
import { sealedStore } from '../../src/sealing/opening/sealedStore.ts';
import { failureOf } from '../events/contract/steps.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { keyPlaceIn } from '../support/madeUpKeys.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, TEST_KEY } from '../support/processes.ts';

describe('A sealed log whose key store does not answer', () => {
  let folder: string;
  let store: ReturnType<typeof sealedStore>;
  let lock: Database;
  beforeEach(async () => {
    folder = newFolder();
    store = sealedStore(memoryEventStore(memoryLog()), keyPlaceIn(folder));
    await settingsKey({ store, clock: immediateClock }, null);
    lock = openSqlite(join(folder, 'keys.db'), { synchronous: 'FULL' });
    lock.exec('BEGIN IMMEDIATE');
  });
  afterEach(async () => {
    lock.close();
    await store.close();
    removeFolder(folder);
  });

  it('rejects a new key at the deadline and names the key store', async () => {
    const began = performance.now();
    const failure = await failureOf(
      Promise.resolve(store.sealing.createKeys(['user-1'], { deadline: createDeadline(50) })),
    );
    expect(failure)
      .to.be.instanceOf(KeyStoreError)
      .and.to.have.property('message')
      .that.contains('key store');
    expect(performance.now() - began).to.be.below(3_000);
  });
});

describe('A log that has not begun', () => {
  it('gives keys if there is a master key, after one look at its settings', async () => {
    const folder = newFolder();
    const raw = memoryEventStore(memoryLog());
    let settingsReads = 0;
    const store = sealedStore(
      {
        ...raw,
        readStream(stream, options) {
          if (stream === SETTINGS_STREAM) settingsReads += 1;
          return raw.readStream(stream, options);
        },
      },
      keyPlaceIn(folder),
    );
    const createKeys = async (): Promise<string[]> => store.sealing.createKeys(['user-1']);

    expect(await failureOf(createKeys())).to.be.instanceOf(SettingsMismatchError);
    expect(settingsReads).to.equal(1);
    developmentMasterKey(folder);
    expect(await createKeys()).to.deep.equal(['key']);
    expect(settingsReads).to.equal(2);
    await store.close();
    removeFolder(folder);
  });
});

describe('An import', () => {
  it('makes no key without a deadline', async () => {
    const deadlines: unknown[] = [];
    const store: EventStore = {
      ...memoryEventStore(memoryLog()),
      sealing: {
        async createKeys(subjects, options) {
          deadlines.push(options?.deadline?.remainingMs());
          return subjects.map(() => 'erased');
        },
        choose: async () => null,
        confirm: async () => undefined,
        isSealed: async () => true,
      },
    };
    const commands = createCommandSide({ store, key: TEST_KEY, clock: immediateClock });
    const importer = createImporter({ store, key: TEST_KEY, clock: immediateClock, commands });
    await importer.prepareKeys('persona', [1, 2]);
    const record = {
      id: 3,
      nombres: 'Ana',
      apellidos: 'Gil',
      telefono: null,
      dni: 'X',
      foto_url: null,
      cuenta: null,
      created_at: null,
    };
    expect(await importer.importRecord({ kind: 'persona', record })).to.equal('erased');
    expect(deadlines).to.have.lengthOf(2);
    for (const left of deadlines) expect(left).to.be.within(1, 9_500);
  });
});
