import { expect } from 'chai';
import { deferred } from '../support/deferred.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { codeOf, testProcess } from '../support/processes.ts';

describe('A request that is sent twice at once with one Idempotency-Key', () => {
  it('is applied once, even if another write to the subject comes in between', async () => {
    const log = memoryLog();
    await testProcess(memoryEventStore(log)).register({ dni: '1', cuenta: 'ana' });
    const held = deferred();
    const reached = deferred();
    const process = testProcess(
      memoryEventStore(log, async (what) => {
        if (what !== 'append persona-1') return;
        reached.resolve();
        await held.promise;
      }),
    );
    // The first waits in its append; the other write and the repeat queue up behind it, the repeat past its first look at the key.
    const first = process.update('ana', { telefono: '1' }, { key: 'k' });
    await reached.promise;
    const other = process.update('ana', { telefono: '2' });
    await new Promise((resolve) => setImmediate(resolve));
    const repeat = process.update('ana', { telefono: '1' }, { key: 'k' });
    await new Promise((resolve) => setImmediate(resolve));
    held.resolve();

    expect((await Promise.all([first, other, repeat])).map(codeOf)).to.deep.equal(['done', 'done', 'done']);
    const updates = log.events.filter(({ type }) => type === 'PersonaProfileUpdated');
    expect(updates.map(({ data }) => (data as Changed).changes.telefono.to)).to.deep.equal(['1', '2']);
  });
});

describe('An Idempotency-Key recorded by an older padron', () => {
  it('is recognised by its stored hash and applied once', async () => {
    const log = memoryLog();
    const process = testProcess(memoryEventStore(log));
    await process.register({ dni: '1', cuenta: 'ana' });
    await process.update('ana', { telefono: '1' }, { key: 'k', bodyHash: 'former' });
    const repeat = await process.update(
      'ana',
      { telefono: '1' },
      { key: 'k', bodyHash: 'new', formerBodyHash: 'former' },
    );
    const other = await process.update(
      'ana',
      { telefono: '2' },
      { key: 'k', bodyHash: 'other', formerBodyHash: 'x' },
    );
    expect([repeat, other].map(codeOf)).to.deep.equal(['done', 'key-reused']);
    expect(log.events.filter(({ type }) => type === 'PersonaProfileUpdated')).to.have.lengthOf(1);
  });
});

interface Changed {
  changes: { telefono: { to: string } };
}
