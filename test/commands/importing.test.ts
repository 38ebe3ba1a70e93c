import { expect } from 'chai';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { createImporter, type Importer, type ImportOutcome } from '../../src/commands/handling/importer.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { event, written } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, TEST_KEY } from '../support/processes.ts';

// It takes streams to be new until an append says otherwise: here on a store where the claim is written before that is known.
describe('An import into a store that appends to one stream at a time', () => {
  let log: MemoryLog;
  let importer: Importer;
  beforeEach(() => {
    log = memoryLog();
    importer = importerOf(log);
  });

  const persona = (id: number | null, dni: string): Promise<ImportOutcome> =>
    importer.importRecord({
      kind: 'persona',
      record: {
        id,
        nombres: 'Ana',
        apellidos: 'Gil',
        telefono: null,
        dni,
        foto_url: null,
        cuenta: null,
        created_at: '2020-01-01T00:00:00.000Z',
      },
    });

  it('distinguishes new records from already imported ones and from other records with their id or DNI', async () => {
    expect(await persona(1, 'A')).to.equal('imported');
    expect(await persona(1, 'B')).to.equal('id-taken');
    expect(await persona(2, 'a')).to.equal('dni-taken');
    expect(await persona(2, 'C')).to.equal('imported');
    importer = importerOf(log);
    expect(await persona(1, 'A')).to.equal('unchanged');
    expect(registered(log)).to.deep.equal(['persona-1', 'persona-2']);
  });

  it('does not block a DNI that it claimed for an id which was already taken', async () => {
    await persona(1, 'A');
    expect(await persona(1, 'B')).to.equal('id-taken');
    expect(await persona(2, 'B')).to.equal('imported');
  });

  it('recognises a record behind any number of lapsed reservations', async () => {
    const lapses = Array.from({ length: 250 }, () => event('ReservationLapsed', { reservation: 'r' }));
    await written(memoryEventStore(log), 'persona-1', -1, lapses);
    expect(await persona(1, 'A')).to.equal('imported');
    importer = importerOf(log);
    expect(await persona(1, 'A')).to.equal('unchanged');
    expect(await persona(1, 'B')).to.equal('id-taken');
  });

  it('gives each call to the store the deadline of its record', async () => {
    const store = memoryEventStore(log);
    const calls: [what: string, remainingMs: number | undefined][] = [];
    importer = importerOf(log, {
      ...store,
      append(appends, options) {
        for (const { stream } of appends) calls.push([`append ${stream}`, options?.deadline?.remainingMs()]);
        return store.append(appends, options);
      },
      readStream(stream, options) {
        calls.push([`read ${stream}`, options.deadline?.remainingMs()]);
        return store.readStream(stream, options);
      },
    });
    await persona(1, 'A');
    await persona(1, 'B');
    await persona(2, 'A');
    await persona(null, 'C');
    await persona(null, 'A');
    const kinds = new Set(calls.map(([what]) => what.replace(/-.*/, '')));
    expect([...kinds]).to.include.members([
      'read persona',
      'read reservation',
      'append persona',
      'append sequence',
    ]);
    expect(calls.filter(([, ms]) => ms === undefined).map(([what]) => what)).to.deep.equal([]);
  });

  it('gives a DNI to only one of two records that bring it at once', async () => {
    const outcomes = await Promise.all([persona(1, 'A'), persona(2, 'A')]);
    expect(outcomes.sort()).to.deep.equal(['dni-taken', 'imported']);
    expect(registered(log)).to.have.lengthOf(1);
  });
});

function importerOf(log: MemoryLog, store: EventStore = memoryEventStore(log)): Importer {
  const deps = { store, key: TEST_KEY, clock: immediateClock };
  return createImporter({ ...deps, commands: createCommandSide(deps) });
}

const registered = ({ events }: MemoryLog): string[] =>
  events.filter(({ type }) => type === 'PersonaRegistered').map(({ stream }) => stream);
