import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { user } from '../../src/domain/user.ts';
import type { UserRecord } from '../../src/events/types.ts';
import type { SubjectOperation } from '../../src/imports/undo/operation.ts';
import { undoOperation } from '../../src/imports/undo/undoOperation.ts';
import { systemRequest } from '../../src/imports/update/systemRequest.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { aUser, byAdmin, editOf } from '../support/people.ts';
import { testProcess } from '../support/processes.ts';

describe('The report of an undo', () => {
  const FORMER = { nombres: 'Ana', telefono: '600' };

  /** Persons 1 to 3, of whom an operation has edited some. */
  async function edited(...changes: SubjectOperation['changes'][]) {
    const process = testProcess(memoryEventStore(memoryLog()));
    const { register, update } = process;
    for (const n of [1, 2, 3]) await register({ ...FORMER, dni: `D${n}`, cuenta: `c${n}` });
    const subjects: SubjectOperation[] = [];
    for (const [index, change] of changes.entries()) {
      const id = index + 1;
      const wanted = Object.fromEntries(Object.entries(change).map(([member, { to }]) => [member, to]));
      await update(`c${id}`, wanted);
      subjects.push({
        stream: `persona-${id}`,
        kind: 'persona',
        id,
        did: 'edit',
        changes: change,
        revision: 1,
      });
    }
    return { ...process, subjects };
  }

  async function undone(
    commands: Parameters<typeof undoOperation>[0],
    subjects: readonly SubjectOperation[],
  ): Promise<string[]> {
    const reported: string[] = [];
    await undoOperation(commands, subjects, systemRequest('undo', undefined), {
      change: (stream, changed) => void reported.push(`${stream} ${JSON.stringify(changed)}`),
      remove: (stream) => void reported.push(`${stream} removed`),
      leave: (stream, member, reasons) =>
        void reported.push(`${stream} ${member}: ${reasons.map(({ code }) => code).join()}`),
    });
    return reported;
  }

  it('has the restored members, and once each member that was changed since', async () => {
    const changes = { nombres: { from: 'Ana', to: 'Eva' }, telefono: { from: '600', to: '700' } };
    const { commands, update, subjects } = await edited(changes);
    await update('c1', { nombres: 'Sol' });
    expect(await undone(commands, subjects)).to.deep.equal([
      'persona-1 nombres: changed-since',
      'persona-1 {"telefono":{"from":"700","to":"600"}}',
    ]);
    expect(await undone(commands, subjects), 'repeated').to.deep.equal(['persona-1 nombres: changed-since']);
  });

  it('has nothing about values that are the former ones again', async () => {
    const { commands, update, subjects } = await edited({ nombres: { from: 'Ana', to: 'Eva' } });
    await update('c1', { nombres: 'Ana' });
    expect(await undone(commands, subjects)).to.deep.equal([]);
  });

  it('has each DNI that another person holds now, in the order of the list', async () => {
    const { commands, register, subjects } = await edited(
      { dni: { from: 'D1', to: 'E1' } },
      { dni: { from: 'D2', to: 'E2' } },
    );
    for (const n of [1, 2]) await register({ dni: `D${n}`, cuenta: `other ${n}` });
    expect(await undone(commands, subjects)).to.deep.equal([
      'persona-1 dni: value-given-away',
      'persona-2 dni: value-given-away',
    ]);
  });

  it('says why a person whom it registered stays', async () => {
    const { commands, subjects } = await edited({ nombres: { from: 'Ana', to: 'Eva' } });
    const registered = subjects.map((one) => ({ ...one, did: 'register' as const }));
    expect(await undone(commands, registered)).to.deep.equal(['persona-1 null: persons-stay']);
  });

  it('says why a user stays who was edited since, or meanwhile, and nothing about one who was removed', async () => {
    const { commands } = await edited();
    const people = [await aUser({ commands }), await aUser({ commands }), await aUser({ commands })];
    const [since, meanwhile, removed] = people as [UserRecord, UserRecord, UserRecord];
    await commands.handle(editUser, editOf(since, { cuota: 77 }), byAdmin());
    await commands.handle(removeUser, { dni: removed.dni }, byAdmin());
    const { fresh } = commands.repository;
    const overtaken: typeof commands.repository = {
      ...commands.repository,
      async fresh(aggregate, stream, options) {
        const loaded = await fresh(aggregate, stream, options);
        if (stream === `user-${meanwhile.IdUsuario}`)
          await commands.handle(editUser, editOf(meanwhile, { cuota: 78 }), byAdmin());
        return loaded;
      },
    };
    const reported: string[] = [];
    for (const { IdUsuario: id } of people) {
      const subject = {
        stream: `user-${id}`,
        kind: 'user',
        id,
        did: 'register',
        changes: {},
        revision: 0,
      } as const;
      reported.push(...(await undone({ handle: commands.handle, repository: overtaken }, [subject])));
    }
    expect(reported).to.deep.equal([
      `user-${since.IdUsuario} null: changed-since-registration`,
      `user-${meanwhile.IdUsuario} null: busy-subject`,
    ]);
    expect((await fresh(user, `user-${meanwhile.IdUsuario}`)).state?.cuota).to.equal(78);
  });

  it('says that a user whom it edited was removed', async () => {
    const { commands } = await edited();
    const { IdUsuario: id, dni } = await aUser({ commands });
    await commands.handle(removeUser, { dni }, byAdmin());
    const changes = { cuota: { from: 30, to: 45 } };
    const subject = { stream: `user-${id}`, kind: 'user', id, did: 'edit', changes, revision: 1 } as const;
    expect(await undone(commands, [subject])).to.deep.equal([`user-${id} null: removed-meanwhile`]);
  });
});
