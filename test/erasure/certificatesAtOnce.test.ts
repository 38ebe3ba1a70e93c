import { expect } from 'chai';
import { finishErasure, type FinishErasureDependencies } from '../../src/erasure/finishErasure.ts';
import type { ListedErasure } from '../../src/events/bookkeeping/erasures.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const ERASURES = 30;

describe('Erasures that end at the same time', () => {
  it('are all certified, although each certificate goes to the same stream', async () => {
    const log = memoryLog();
    const tombstone = { erasedAt: '2026-01-01T00:00:00.000Z' };
    const dependencies = {
      store: memoryEventStore(log),
      readModel: {},
      views: { documentViews: [], rowViews: [] },
      clock: systemClock,
      keys: {
        store: { erase: async () => undefined, ofSubjects: async () => [tombstone], ofKeys: async () => [] },
        keyring: { dropErased: () => undefined },
      },
      forget: () => undefined,
    } as unknown as FinishErasureDependencies;
    const finished = Array.from({ length: ERASURES }, async (_, index) => {
      const erasure = { id: `e-${index}`, subject: `user-${index + 1}`, revision: 1, key: 'k', at: 'now' };
      const decided = { revision: 1, position: 1n };
      return finishErasure(
        dependencies,
        erasure as unknown as ListedErasure,
        decided,
        new AbortController().signal,
      );
    });
    expect(await Promise.all(finished)).to.deep.equal(Array<boolean>(ERASURES).fill(true));
    expect(log.events.filter(({ stream }) => stream === ERASURES_STREAM)).to.have.lengthOf(ERASURES);
  });
});
