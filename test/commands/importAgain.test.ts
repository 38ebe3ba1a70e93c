import { expect } from 'chai';
import type { ImportRecord } from '../../src/commands/handling/importRecord.ts';
import { createImporter } from '../../src/commands/handling/importer.ts';
import { registerUser } from '../../src/commands/registerUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { byAdmin, SOCIA_RECORD, userBody } from '../support/people.ts';
import { immediateClock, TEST_KEY, testProcess } from '../support/processes.ts';

describe('An import of a record without an id that was imported before', () => {
  /** An importer over an empty log. */
  function given() {
    const store = memoryEventStore(memoryLog());
    const { commands, register, update } = testProcess(store);
    const importer = createImporter({ store, key: TEST_KEY, clock: immediateClock, commands });
    return { commands, register, update, importRecord: importer.importRecord };
  }

  it('does not bring back a removed user whose DNI another user had since', async () => {
    const { commands, importRecord } = given();
    const one: ImportRecord = { kind: 'user', record: { ...SOCIA_RECORD, IdUsuario: null } };
    const { dni } = SOCIA_RECORD;
    expect(await importRecord(one)).to.equal('imported');
    await commands.handle(removeUser, { dni }, byAdmin());
    await commands.handle(registerUser, userBody({ dni }), byAdmin());
    await commands.handle(removeUser, { dni }, byAdmin());
    expect(await importRecord(one)).to.equal('removed');
  });

  it('does not register a person twice whose former DNI another person had since', async () => {
    const { register, update, importRecord } = given();
    const record = { nombres: 'Ana', apellidos: 'Gil', telefono: null, foto_url: null, created_at: null };
    const one: ImportRecord = { kind: 'persona', record: { ...record, id: null, dni: 'X', cuenta: 'ana' } };
    expect(await importRecord(one)).to.equal('imported');
    await update('ana', { dni: 'Y' });
    await register({ dni: 'X', cuenta: 'eva' });
    expect(await importRecord(one)).to.equal('unchanged');
    await update('eva', { dni: 'Z' });
    expect(await importRecord(one)).to.equal('unchanged');
  });
});
