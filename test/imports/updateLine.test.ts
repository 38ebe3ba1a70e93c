import { expect } from 'chai';
import { persona } from '../../src/domain/persona.ts';
import { systemRequest } from '../../src/imports/update/systemRequest.ts';
import { updateLine } from '../../src/imports/update/updateLine.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

describe('A line of an update', () => {
  it('edits no one who gave its DNI away meanwhile', async () => {
    const { commands, register, update } = testProcess(memoryEventStore(memoryLog()));
    await register({ dni: 'X', cuenta: 'ana' });
    const { holder } = commands.lookups;
    const overtaken: typeof commands.lookups = {
      ...commands.lookups,
      async holder(...asked) {
        const found = await holder(...asked);
        await update('ana', { dni: 'Y' });
        return found;
      },
    };
    const line = { dni: 'X', nombres: 'Sol' };
    const request = systemRequest('list', undefined);
    const outcome = await updateLine({ ...commands, lookups: overtaken }, 'personas', line, request);
    const { state } = await commands.repository.fresh(persona, 'persona-1');
    expect([state?.nombres, state?.dni]).to.deep.equal(['Ana', 'Y']);
    expect(outcome).to.deep.equal({ outcome: 'refused', reasons: [{ code: 'busy-subject' }] });
  });
});
