import { expect } from 'chai';
import type { Importer } from '../../src/commands/handling/importer.ts';
import type { Request } from '../../src/commands/command.ts';
import { NOTHING_LOADED } from '../../src/domain/aggregate.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { updateBatch, type Updating } from '../../src/imports/run/updateBatch.ts';

describe('A batch of an update', () => {
  it('imports new persons of one account in the order of the list', async () => {
    const steps: string[] = [];
    const importer: Importer = {
      reserveIds: async () => undefined,
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
});
