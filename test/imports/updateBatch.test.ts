import { expect } from 'chai';
import { createImporter, type Importer } from '../../src/commands/handling/importer.ts';
import type { Request } from '../../src/commands/command.ts';
import { NOTHING_LOADED } from '../../src/domain/aggregate.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { persona } from '../../src/domain/persona.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { draftStore } from '../../src/imports/dryRun/draftStore.ts';
import type { Members } from '../../src/imports/list/listLine.ts';
import { updateBatch, type Updating } from '../../src/imports/run/updateBatch.ts';
import { systemRequest } from '../../src/imports/update/systemRequest.ts';
import type { Reason } from '../../src/projections/record/listImport.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, TEST_KEY, testProcess } from '../support/processes.ts';

describe('A batch of an update', () => {
  it('imports new persons of one account in the order of the list', async () => {
    const steps: string[] = [];
    const importer: Importer = {
      reserveIds: async () => undefined,
      reservedUpTo: async () => 0,
      prepareKeys: async () => undefined,
      async importRecord({ record: { dni } }) {
        steps.push(`${dni} begins`);
        await new Promise(setImmediate);
        steps.push(`${dni} ends`);
        return 'imported';
      },
    };
    const commands = {
      lookups: { holder: async () => null, forget: () => undefined },
      repository: { fresh: async () => NOTHING_LOADED },
    } as unknown as Updating['commands'];
    const batch = ['1', '2'].map((dni) => ({
      line: Number(dni),
      given: { nombres: 'Ana', apellidos: 'Gil', dni, cuenta: 'ana' },
    }));
    const report = { counts: noCounts(), fail: () => undefined };
    await updateBatch({ commands, importer, request: {} as Request }, 'personas', batch, report);
    expect(steps).to.deep.equal(['1 begins', '1 ends', '2 begins', '2 ends']);
  });

  const rui = { nombres: 'Rui', apellidos: 'Sá', telefono: '6' };
  const cases: { title: string; lines: Members[]; people: Record<number, string> }[] = [
    {
      title: 'registers a new person with the DNI that an earlier line takes from another',
      lines: [
        { id: 1, dni: 'Y' },
        { ...rui, dni: 'X' },
      ],
      people: { 1: 'Ana Y', 2: 'Eva Z', 3: 'Rui X' },
    },
    {
      title: 'gives a person the DNI that an earlier line frees',
      lines: [
        { id: 1, dni: 'Y' },
        { id: 2, dni: 'X' },
      ],
      people: { 1: 'Ana Y', 2: 'Eva X' },
    },
    {
      title: 'exchanges the DNIs of two people by way of a third one',
      lines: [
        { id: 1, dni: 'W' },
        { id: 2, dni: 'X' },
        { id: 1, dni: 'Z' },
      ],
      people: { 1: 'Ana Z', 2: 'Eva X' },
    },
    {
      title: 'registers a new person with a DNI that a person had only between two lines',
      lines: [
        { id: 1, dni: 'Y' },
        { id: 1, dni: 'W' },
        { ...rui, dni: 'Y' },
      ],
      people: { 1: 'Ana W', 2: 'Eva Z', 3: 'Rui Y' },
    },
    {
      title: 'edits a person by the present DNI before a later line changes it',
      lines: [
        { dni: 'X', nombres: 'Sol' },
        { id: 1, dni: 'Y' },
      ],
      people: { 1: 'Sol Y', 2: 'Eva Z' },
    },
    {
      title: 'keeps the last of two edits of a person, one by id and one by DNI',
      lines: [
        { id: 1, nombres: 'Sol' },
        { dni: 'X', nombres: 'Mar' },
      ],
      people: { 1: 'Mar X', 2: 'Eva Z' },
    },
  ];
  for (const { title, lines, people } of cases) {
    it(`${title}, as its dry run shows`, async () => {
      const log = memoryLog();
      const store = memoryEventStore(log);
      const { register } = testProcess(store);
      await register({ nombres: 'Ana', dni: 'X', cuenta: 'ana' });
      await register({ nombres: 'Eva', dni: 'Z', cuenta: 'eva' });
      const drafts = draftStore(store);
      const planned = await update(drafts, lines);
      await drafts.close();
      expect(await update(memoryEventStore(log), lines)).to.deep.equal(planned);
      expect(planned.people).to.deep.equal(people);
      expect(planned.refused).to.deep.equal([]);
    });
  }

  it('reserves no ids for lines that it refuses', async () => {
    const store = memoryEventStore(memoryLog());
    const { commands, register } = testProcess(store);
    await register({ nombres: 'Ana', dni: 'X', cuenta: 'ana' });
    const { refused } = await update(store, [
      { id: 900, nombres: 'Rui' },
      { ...rui, id: 901, dni: 'X' },
      { ...rui, id: 902, dni: ' ' },
    ]);
    expect(refused.map(({ line }) => line)).to.have.members([1, 2, 3]);
    expect(await commands.sequence.last('persona')).to.equal(1);
  });

  it('keeps the id of a new person for its line, also where an earlier line frees the DNI', async () => {
    const store = memoryEventStore(memoryLog());
    const { register } = testProcess(store);
    await register({ nombres: 'Ana', dni: 'X', cuenta: 'ana' });
    const { people, refused } = await update(store, [
      { ...rui, dni: 'V' },
      { id: 2, telefono: '7' },
      { ...rui, id: 2, dni: 'W' },
      { id: 1, dni: 'Y' },
      { ...rui, id: 9, dni: 'X' },
    ]);
    expect(refused.map(({ line }) => line)).to.deep.equal([2]);
    expect(people).to.deep.equal({ 1: 'Ana Y', 2: 'Rui W', 9: 'Rui X', 10: 'Rui V' });
  });

  it('gives nobody the id of a line whose DNI an earlier line frees', async () => {
    const store = memoryEventStore(memoryLog());
    const { register } = testProcess(store);
    await register({ nombres: 'Ana', dni: 'X', cuenta: 'ana' });
    const { people, refused } = await update(store, [
      { ...rui, nombres: 'Sol', dni: 'V' },
      { id: 1, dni: 'Y' },
      { ...rui, id: 2, dni: 'X' },
    ]);
    expect(refused).to.deep.equal([]);
    expect(people).to.deep.equal({ 1: 'Ana Y', 2: 'Rui X', 3: 'Sol V' });
  });
});

/** Updates the persons of a store, and says who is there afterwards. */
async function update(store: EventStore, lines: readonly Members[]) {
  const { commands } = testProcess(store);
  const request = systemRequest('correlation', undefined);
  const importer = createImporter({ store, key: TEST_KEY, clock: immediateClock, commands });
  const refused: { line: number; reasons: readonly Reason[] }[] = [];
  const changes: string[] = [];
  const report = {
    counts: noCounts(),
    fail: (line: number, reasons: readonly Reason[]) => void refused.push({ line, reasons }),
    change: (line: number, stream: string) => void changes.push(`${line} ${stream}`),
  };
  const batch = lines.map((given, index) => ({ line: index + 1, given }));
  await updateBatch({ commands, importer, request }, 'personas', batch, report);
  const people: Record<number, string> = {};
  for (let id = 1; id <= 10; id += 1) {
    const { state } = await commands.repository.fresh(persona, `persona-${id}`);
    if (state) people[id] = `${state.nombres} ${state.dni}`;
  }
  return { people, refused, changes, counts: report.counts };
}
