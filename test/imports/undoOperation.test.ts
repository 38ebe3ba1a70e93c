import { expect } from 'chai';
import { registerUser } from '../../src/commands/registerUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { persona } from '../../src/domain/persona.ts';
import { user } from '../../src/domain/user.ts';
import type { SubjectOperation } from '../../src/imports/undo/operation.ts';
import { undoOperation } from '../../src/imports/undo/undoOperation.ts';
import { systemRequest } from '../../src/imports/update/systemRequest.ts';
import { socia } from '../support/decisions.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { aUser } from '../support/people.ts';
import { testProcess } from '../support/processes.ts';

describe('The undo of a list that moved DNIs from one person to the next', () => {
  const NAMES = ['A', 'B', 'C', 'D', 'E'];

  /** Gives each person the DNI that the one before left, and undoes that with the edits in this order. */
  async function undoneInOrder(order: (edits: SubjectOperation[]) => SubjectOperation[]) {
    const { commands, register, update } = testProcess(memoryEventStore(memoryLog()));
    for (const dni of NAMES) await register({ dni, cuenta: `account ${dni}` });
    const edits: SubjectOperation[] = [];
    for (const [index, from] of NAMES.entries()) {
      const to = NAMES[index - 1] ?? 'Z';
      await update(`account ${from}`, { dni: to });
      const [stream, id] = [`persona-${index + 1}`, index + 1];
      edits.push({ stream, kind: 'persona', id, did: 'edit', changes: { dni: { from, to } }, revision: 1 });
    }
    const left: string[] = [];
    const report = {
      change: () => undefined,
      remove: () => undefined,
      leave: (stream: string) => void left.push(stream),
    };
    let attempts = 0;
    const counted: typeof commands = {
      ...commands,
      handle(...given) {
        attempts += 1;
        return commands.handle(...given);
      },
    };
    await undoOperation(counted, order(edits), systemRequest('undo', undefined), report);
    const present: (string | undefined)[] = [];
    for (const { stream } of edits)
      present.push((await commands.repository.fresh(persona, stream)).state?.dni);
    return { present, left, attempts };
  }

  it('tries each of them at most twice if the edits come in the order of the list', async () => {
    const { attempts } = await undoneInOrder((edits) => edits);
    expect(attempts).to.be.at.most(2 * NAMES.length);
  });

  it('restores all of them, in whatever order the edits are found', async () => {
    for (const order of [
      (edits: SubjectOperation[]) => edits,
      (edits: SubjectOperation[]) => [...edits].reverse(),
      ([a, b, c, d, e]: SubjectOperation[]) => [c, a, e, b, d] as SubjectOperation[],
    ]) {
      expect(await undoneInOrder(order)).to.deep.include({ present: NAMES, left: [] });
    }
  });
});

describe('The undo of a registration', () => {
  it('removes no one else who gets the DNI of the user meanwhile', async () => {
    const { commands } = testProcess(memoryEventStore(memoryLog()));
    const request = systemRequest('list', undefined);
    const {
      IdUsuario: _id,
      isVerified: _verified,
      verificationCode: _code,
      verificationExpires: _expires,
      ...body
    } = socia;
    await commands.handle(registerUser, body, request);
    const { fresh } = commands.repository;
    const overtaken: typeof commands.repository = {
      ...commands.repository,
      async fresh(aggregate, stream, options) {
        const loaded = await fresh(aggregate, stream, options);
        await commands.handle(removeUser, { dni: body.dni }, request);
        await commands.handle(registerUser, body, request);
        return loaded;
      },
    };
    const left: string[] = [];
    await undoOperation(
      { handle: commands.handle, repository: overtaken },
      [{ stream: 'user-1', kind: 'user', id: 1, did: 'register', changes: {}, revision: 0 }],
      systemRequest('undo', undefined),
      {
        change: () => undefined,
        remove: (stream) => void left.push(`removed ${stream}`),
        leave: (stream) => void left.push(stream),
      },
    );
    expect((await fresh(user, 'user-2')).state?.dni).to.equal(body.dni);
    expect(left).to.deep.equal(['user-1']);
  });
});

describe('The undo of an operation', () => {
  it('removes a user whom it registered, leaves whom it erased or removed, and says which', async () => {
    const { commands } = testProcess(memoryEventStore(memoryLog()));
    const { IdUsuario } = await aUser({ commands });
    const subject = (id: number, did: SubjectOperation['did']): SubjectOperation => ({
      stream: `user-${id}`,
      kind: 'user',
      id,
      did,
      changes: {},
      revision: 0,
    });
    const reported: string[] = [];
    await undoOperation(
      commands,
      [subject(IdUsuario, 'register'), subject(98, 'erase'), subject(99, 'remove')],
      systemRequest('undo', undefined),
      {
        change: (stream) => void reported.push(`${stream} changed`),
        remove: (stream) => void reported.push(`${stream} removed`),
        leave: (stream, _member, reasons) =>
          void reported.push(`${stream} ${reasons.map(({ code }) => code).join()}`),
      },
    );
    expect(reported.sort()).to.deep.equal([
      `user-${IdUsuario} removed`,
      'user-98 erasure-stays',
      'user-99 removal-stays',
    ]);
    const { state } = await commands.repository.fresh(user, `user-${IdUsuario}`);
    expect(state).to.equal(null);
  });
});
