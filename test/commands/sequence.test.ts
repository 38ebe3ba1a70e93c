import { expect } from 'chai';
import { createIdSequence } from '../../src/commands/claims/idSequence.ts';
import { createImporter } from '../../src/commands/handling/importer.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { event, failureOf, written } from '../events/contract/steps.ts';
import { maria } from '../support/decisions.ts';
import { quickTime } from '../support/laggingStore.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, TEST_KEY, testProcess } from '../support/processes.ts';

describe('The sequence of ids', () => {
  it('gives each concurrent caller a unique id, allocating at most 500 per append', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    const sizes: number[] = [];
    const sequence = createIdSequence({
      store: {
        ...store,
        append(appends, options) {
          sizes.push(...appends.map(({ events }) => events.length));
          return store.append(appends, options);
        },
      },
      clock: immediateClock,
    });
    const ids = await Promise.all(Array.from({ length: 1_200 }, () => sequence.next('persona')));
    expect(new Set(ids)).to.have.property('size', 1_200);
    expect(Math.max(...sizes)).to.equal(500);
  });

  it('refuses to allocate beyond the exact integers, and stores nothing', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    await written(store, 'sequence-user', -1, [event('IdAllocated', { id: Number.MAX_SAFE_INTEGER - 1 })]);
    const sequence = createIdSequence({ store, clock: immediateClock });
    expect(await sequence.next('user')).to.equal(Number.MAX_SAFE_INTEGER);
    expect(await failureOf(sequence.next('user'))).to.be.instanceOf(RangeError);
    expect(log.events).to.have.lengthOf(2);
  });

  it('has no id left for a registration: that stores nothing, and its DNI and cuenta stay free', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    await written(store, 'sequence-persona', -1, [event('IdAllocated', { id: Number.MAX_SAFE_INTEGER })]);
    const { commands, register } = testProcess(store);
    const body = { dni: '12345678', cuenta: 'maria' };
    expect(await failureOf(register(body))).to.be.instanceOf(RangeError);
    expect(await failureOf(register(body, { key: 'once' }))).to.be.instanceOf(RangeError);
    expect(log.events).to.have.lengthOf(1);

    const record = { ...maria, ...body, id: 7 };
    const importer = createImporter({ store, key: TEST_KEY, clock: immediateClock, commands });
    expect(await importer.importRecord({ kind: 'persona', record })).to.equal('imported');
  });

  it('gives up after several attempts with pauses when other writers always win', async () => {
    const store = memoryEventStore(memoryLog());
    let attempts = 0;
    const { clock, deadline, waitedMs } = quickTime(60_000);
    const sequence = createIdSequence({
      store: {
        ...store,
        async append() {
          attempts += 1;
          return { outcome: 'conflict', stream: 'sequence-persona', actual: -1 };
        },
      },
      clock,
    });
    expect(await failureOf(sequence.next('persona', deadline))).to.be.instanceOf(EventStoreError);
    expect(attempts).to.equal(40);
    expect(waitedMs()).to.be.greaterThan(500);
  });
});
