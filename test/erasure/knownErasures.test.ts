import { expect } from 'chai';
import { createKnownErasures } from '../../src/events/bookkeeping/erasures.ts';
import { createDecidedErasures } from '../../src/erasure/decidedErasures.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import type { ErasureBegun } from '../../src/events/types.ts';
import { event, written } from '../events/contract/steps.ts';
import { deferred } from '../support/deferred.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const AT = '2026-01-01T00:00:00.000Z';
const BEGUN: ErasureBegun['data'] = {
  erasure: 'e-1',
  subject: 'persona-5',
  revision: 3,
  key: 'k-1',
  reason: 'Request 7',
  by: { account: 'admin', role: 'admin' },
  rolls: [],
};

describe('The list of erasures', () => {
  it('keeps a proof that a faster read has seen when a slower one began before it', async () => {
    const store = memoryEventStore(memoryLog());
    const origin = systemOrigin('r-1');
    const { erasure, subject, revision } = BEGUN;
    const append = async (expected: number, event: Parameters<typeof newEvent>[1]): Promise<void> => {
      const events = [newEvent(`id-${expected}`, event, origin, AT)];
      await store.append([{ stream: ERASURES_STREAM, expected, events }]);
    };
    await append(NO_REVISION, { type: 'ErasureBegun', data: BEGUN });
    const held = deferred();
    let reads = 0;
    const known = createKnownErasures({
      async readStream(stream, options) {
        const isFirst = reads === 0;
        reads += 1;
        const page = await store.readStream(stream, options);
        if (isFirst) await held.promise;
        return page;
      },
    });
    const slow = known.refresh();
    await append(0, { type: 'ErasureProved', data: { erasure, subject, revision } });
    await known.refresh();
    held.resolve();
    await slow;
    const { listed } = await known.refresh();
    expect(listed.map(({ id, isProved }) => ({ id, isProved }))).to.deep.equal([
      { id: 'e-1', isProved: true },
    ]);
  });
});

describe('The list of decided erasures', () => {
  it('leaves out an announced one until it is decided, and asks for each decision until then only', async () => {
    const store = memoryEventStore(memoryLog());
    let asked = 0;
    const reads: Pick<EventStore, 'readStream'> = {
      readStream(stream, options) {
        if (stream === BEGUN.subject) asked += 1;
        return store.readStream(stream, options);
      },
    };
    const decided = createDecidedErasures(reads, createKnownErasures(reads));
    const ids = async (): Promise<string[]> => (await decided.list()).map(({ id }) => id);
    await written(store, ERASURES_STREAM, NO_REVISION, [event('ErasureBegun', { ...BEGUN, revision: 0 })]);
    expect(await ids()).to.deep.equal([]);
    await written(store, BEGUN.subject, NO_REVISION, [
      event('SubjectErased', { erasure: BEGUN.erasure, key: BEGUN.key, reason: BEGUN.reason }),
    ]);
    expect(await ids()).to.deep.equal([BEGUN.erasure]);
    expect(await ids()).to.deep.equal([BEGUN.erasure]);
    expect(asked).to.equal(2);
  });

  it('has a proved one without asking for its decision', async () => {
    const store = memoryEventStore(memoryLog());
    const { erasure, subject, revision } = BEGUN;
    await written(store, ERASURES_STREAM, NO_REVISION, [
      event('ErasureBegun', BEGUN),
      event('ErasureProved', { erasure, subject, revision }),
    ]);
    const list = await createDecidedErasures(store, createKnownErasures(store)).list();
    expect(list.map(({ id }) => id)).to.deep.equal([erasure]);
  });
});
