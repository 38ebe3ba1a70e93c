import { expect } from 'chai';
import { UnknownEventError } from '../../src/events/domainEvent.ts';
import { lastEventOf } from '../../src/events/eventStore.ts';
import { settingsKey } from '../../src/events/bookkeeping/settings.ts';
import { readSkips } from '../../src/events/bookkeeping/skips.ts';
import { event, failureOf } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, testProcess, type TestProcess } from '../support/processes.ts';

describe('A command that meets bookkeeping events of a newer padron', () => {
  let log: MemoryLog;
  let store: ReturnType<typeof memoryEventStore>;
  let people: TestProcess;
  beforeEach(async () => {
    log = memoryLog();
    store = memoryEventStore(log);
    people = testProcess(store);
    await people.register({ dni: '1', cuenta: 'ana' });
  });

  async function appendNewer(
    stream: string,
    type: string,
    data: object,
    { schemaVersion = 2 } = {},
  ): Promise<void> {
    const newer = event(type, data);
    newer.metadata.schemaVersion = schemaVersion;
    const expected = (await lastEventOf(store, stream))?.revision ?? -1;
    await store.append([{ stream, expected, events: [newer] }]);
  }
  const streamOf = (type: string): string => log.events.find((one) => one.type === type)?.stream ?? '';

  /** Asserts that `work` rejects for the unknown event and stores nothing. */
  async function expectRefused(work: () => Promise<unknown>): Promise<void> {
    const before = log.events.length;
    expect(await failureOf(work())).to.be.instanceOf(UnknownEventError);
    expect(log.events.slice(before)).to.deep.equal([]);
  }

  it('refuses a registration after a newer version of IdAllocated, and stores nothing', async () => {
    await appendNewer('sequence-persona', 'IdAllocated', { range: [2, 60] });
    await expectRefused(() => people.register({ dni: '2', cuenta: 'ben' }));
  });

  it('refuses a registration after an unknown event type in the id sequence, and stores nothing', async () => {
    const range = { from: 2, to: 60 };
    await appendNewer('sequence-persona', 'IdRangeAllocated', range, { schemaVersion: 1 });
    await expectRefused(() => people.register({ dni: '2', cuenta: 'ben' }));
    await expectRefused(() => people.commands.sequence.reach('persona', 100));
  });

  it('refuses to look up a value, list its claimants or claim it after a newer claim', async () => {
    const [first] = log.events.filter(({ type }) => type === 'ValueClaimed');
    await appendNewer(first?.stream ?? '', 'ValueClaimed', { holder: 'persona-2' });
    const value = { space: 'persona-dni', value: '1', member: 'dni' } as const;
    const { reservations } = people.commands;
    await expectRefused(() => reservations.lastClaimant(value));
    await expectRefused(() => reservations.claimants(value)[Symbol.asyncIterator]().next());
    const registration = failureOf(people.register({ dni: '1', cuenta: 'ben' }));
    expect(await registration).to.be.instanceOf(UnknownEventError);
    expect(log.events.filter(({ type }) => type === 'PersonaRegistered')).to.have.lengthOf(1);
  });

  it('refuses to repeat a key whose record is newer', async () => {
    await people.update('ana', { telefono: '1' }, { key: 'k' });
    await appendNewer(streamOf('CommandBegun'), 'CommandBegun', { hash: 'same', to: 'persona-1' });
    await expectRefused(() => people.update('ana', { telefono: '1' }, { key: 'k' }));
  });

  it('refuses to read newer skips and settings', async () => {
    await appendNewer('padron-skips', 'EventSkipped', { views: ['users'] }, { schemaVersion: 3 });
    await expectRefused(() => readSkips(store));
    await appendNewer('padron-settings', 'SettingsFixed', { keys: [] });
    await expectRefused(() => settingsKey({ store, clock: immediateClock }, null));
  });
});
