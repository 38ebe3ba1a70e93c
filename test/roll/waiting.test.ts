import { expect } from 'chai';
import { createSecretKey } from 'node:crypto';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { Position } from '../../src/events/eventStore.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { createNamedRollService } from '../../src/roll/named/namedRollService.ts';
import { createRollReaders } from '../../src/roll/reading/rollReaders.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const ROLL = { kind: 'users', at: 0, revision: 0 } as const;
const DIGEST = { count: 0, digest: '', erased: 0 };

/** A log whose end the views have not reached. */
function rollsBehind({ view, head }: { view: Position; head: Position }) {
  const store = { ...memoryEventStore(memoryLog()), head: async () => head };
  const reader = { checkpoint: async () => ({ position: view }), scan: async () => [] };
  const readModel = { shown: () => reader } as never;
  const readers = createRollReaders({ readModel, store, clock: systemClock, maxWaitMs: 20 });
  return createNamedRollService({
    store,
    readers,
    clock: systemClock,
    key: createSecretKey(Buffer.alloc(32)),
    async *doWork() {
      yield JSON.stringify(DIGEST);
    },
  });
}

describe('The digest of a named roll', () => {
  const digestAt = async (position: Position): Promise<unknown> => {
    const deadline = createDeadline(5_000);
    try {
      return await rollsBehind({ view: 5n, head: 9n }).digest({ ...ROLL, position }, deadline);
    } finally {
      deadline.release();
    }
  };

  it('waits for the view to reach the position of the roll, not the end of the log', async () => {
    expect(await digestAt(5n)).to.deep.equal(DIGEST);
  });

  it('is refused while the view has not reached the position of the roll', async () => {
    const failure = await digestAt(6n).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(EventStoreError);
  });
});
