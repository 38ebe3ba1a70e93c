import { expect } from 'chai';
import { createErasures, type ErasuresDependencies } from '../../src/erasure/erasures.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { failureOf } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { byAdmin } from '../support/people.ts';

describe('The deadline of an erasure', () => {
  it('ends the wait for a key store that does not answer', async () => {
    const sealing = { isSealed: async () => true, keys: () => new Promise(() => undefined) };
    const store = { ...memoryEventStore(memoryLog()), sealing };
    const logger = { info: () => undefined, warn: () => undefined };
    const erasures = createErasures({ store, clock: systemClock, logger } as unknown as ErasuresDependencies);
    const erasing = erasures.erase(
      { find: async () => 'user-1', named: null },
      { reason: 'asked for it', confirm: '1' },
      { ...byAdmin(), deadline: createDeadline(50) },
    );
    expect(await failureOf(erasing)).to.include({ name: 'EventStoreError' });
  });
});
