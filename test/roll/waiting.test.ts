import { expect } from 'chai';
import { createSecretKey } from 'node:crypto';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { NO_REVISION, type Position } from '../../src/events/eventStore.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import type { ErasureBegun } from '../../src/events/types.ts';
import { createNamedRollService } from '../../src/roll/named/namedRollService.ts';
import { createRollReaders } from '../../src/roll/reading/rollReaders.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const ROLL = { kind: 'users', at: 0, revision: 0 } as const;
const AT = '2026-01-01T00:00:00.000Z';
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

  it('counts a person who is erased while it is made', async () => {
    const store = memoryEventStore(memoryLog());
    const erasure: ErasureBegun['data'] = {
      erasure: 'e-1',
      subject: 'user-7',
      revision: 1,
      key: 'k-1',
      reason: 'Request 7',
      by: { account: 'admin', role: 'admin' },
      rolls: [{ fixed: ROLL.revision, hash: 'the hash' }],
    };
    const event = newEvent('e-1', { type: 'ErasureBegun', data: erasure }, systemOrigin('r-1'), AT);
    const readers = { users: { reaches: async () => true } } as never;
    const rolls = createNamedRollService({
      store,
      readers,
      clock: systemClock,
      key: createSecretKey(Buffer.alloc(32)),
      async *doWork(work) {
        const hashes = 'erasedHashes' in work ? Object.values(work.erasedHashes) : [];
        await store.append([{ stream: ERASURES_STREAM, expected: NO_REVISION, events: [event] }]);
        yield JSON.stringify({ count: hashes.length, digest: hashes.join(), erased: hashes.length });
      },
    });
    const deadline = createDeadline(5_000);
    try {
      const digest = await rolls.digest({ ...ROLL, position: 5n }, deadline);
      expect(digest).to.deep.equal({ count: 1, digest: 'the hash', erased: 1 });
    } finally {
      deadline.release();
    }
  });
});
