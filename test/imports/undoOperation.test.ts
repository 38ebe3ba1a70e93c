import { expect } from 'chai';
import { persona } from '../../src/domain/persona.ts';
import type { SubjectOperation } from '../../src/imports/undo/operation.ts';
import { undoOperation } from '../../src/imports/undo/undoOperation.ts';
import { systemRequest } from '../../src/imports/update/systemRequest.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
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
    await undoOperation(commands, order(edits), systemRequest('undo', undefined), report);
    const present: (string | undefined)[] = [];
    for (const { stream } of edits)
      present.push((await commands.repository.fresh(persona, stream)).state?.dni);
    return { present, left };
  }

  it('restores all of them, in whatever order the edits are found', async () => {
    for (const order of [
      (edits: SubjectOperation[]) => edits,
      (edits: SubjectOperation[]) => [...edits].reverse(),
      ([a, b, c, d, e]: SubjectOperation[]) => [c, a, e, b, d] as SubjectOperation[],
    ]) {
      expect(await undoneInOrder(order)).to.deep.equal({ present: NAMES, left: [] });
    }
  });
});
