import { expect } from 'chai';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

describe('The occurredAt of an event', () => {
  it('is never before the previous event’s in its stream, even when the clock goes back', async () => {
    const log = memoryLog();
    let now = '2026-01-02T00:00:00.000Z';
    const people = testProcess(memoryEventStore(log), { now: () => now, wait: async () => {} });
    await people.register({ dni: '1', cuenta: 'ana' });
    await people.register({ dni: '4', cuenta: 'dan' }, { key: 'k' });
    await people.update('ana', { dni: '4' }, { key: 'taken' });
    now = '2026-01-01T00:00:00.000Z';
    await people.update('dan', { dni: '5' });
    await people.update('ana', { dni: '4' }, { key: 'taken' });
    await people.update('ana', { telefono: '1' });
    await people.update('ana', { dni: '2' }, { key: 'k' });
    await people.register({ dni: '3', cuenta: 'ben' });
    await people.register({ dni: '1', cuenta: 'cleo' });
    await people.update('dan', { telefono: '1' }, { key: 'k2' });
    await people.update('dan', { telefono: '1' }, { key: 'no change' });

    const last = new Map<string, string>();
    for (const { stream, revision, metadata } of log.events) {
      const before = last.get(stream) ?? '';
      expect(metadata.occurredAt >= before, `${stream}@${revision}`).to.equal(true);
      last.set(stream, metadata.occurredAt);
    }
    expect(log.events.length).to.be.greaterThan(20);
  });
});
