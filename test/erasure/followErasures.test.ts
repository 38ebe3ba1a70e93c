import { expect } from 'chai';
import { followErasures } from '../../src/erasure/followErasures.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import { event, written } from '../events/contract/steps.ts';
import { manualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';

const SUBJECT = 'persona-5';
const PROOF = { erasure: 'e-1', subject: SUBJECT, revision: 0 };
const BEGUN = { ...PROOF, key: 'k-1', reason: 'File 7', by: { account: 'ana', role: 'dpo' }, rolls: [] };
const noAnswer = (): Error => new EventStoreError('no answer', { outcomeUnknown: false });

/** A log with one announced erasure, and an instance that can be started on it; `outcomes`: of its attempts to finish the erasure. */
async function oneErasure(outcomes: (boolean | Error)[] = []) {
  const store = memoryEventStore(memoryLog());
  const time = manualClock();
  time.advance(40_000);
  const stopping = new AbortController();
  let isAway = false;
  let reads = 0;
  const happened: string[] = [];
  const { readStream } = store;
  await written(store, ERASURES_STREAM, NO_REVISION, [event('ErasureBegun', BEGUN)]);
  const running = { ended: Promise.resolve() };
  return {
    time,
    happened,
    readsOfSubject: () => reads,
    decide: () => written(store, SUBJECT, NO_REVISION, [event('SubjectErased', { ...PROOF, key: 'k-1' })]),
    prove: () => written(store, ERASURES_STREAM, 0, [event('ErasureProved', PROOF)]),
    setAway: (away: boolean) => (isAway = away),
    async start() {
      const readable: typeof readStream = async (stream, options) => {
        if (isAway) throw noAnswer();
        if (stream === SUBJECT) reads += 1;
        return readStream(stream, options);
      };
      running.ended = followErasures(
        {
          store: { readStream: readable },
          async onDecided({ id }, { stream }) {
            happened.push(`finish ${id} of ${stream}`);
            const outcome = outcomes.shift() ?? true;
            if (typeof outcome === 'boolean') return outcome;
            throw outcome;
          },
          async onProved({ id }, { stream }) {
            happened.push(`forget ${stream}: ${id}`);
            const outcome = outcomes.shift();
            if (outcome instanceof Error) throw outcome;
          },
          onError: ({ reason }) => void happened.push(reason),
          timer: time,
        },
        stopping.signal,
      );
      await time.sleeping(1);
    },
    async seconds(count: number) {
      for (let n = 0; n < count; n += 1) {
        time.advance(1_000);
        await time.sleeping(1);
      }
    },
    async stop() {
      stopping.abort();
      await running.ended;
    },
  };
}

describe('An instance that follows the erasures', () => {
  it('finishes a decided one, and tries again each second until that succeeds', async () => {
    const { decide, start, seconds, stop, happened } = await oneErasure([false, false, true]);
    await decide();
    await start();
    await seconds(5);
    await stop();
    expect(happened).to.deep.equal(Array(3).fill(`finish e-1 of ${SUBJECT}`));
  });

  it('reports why it cannot finish one, or cannot read the list, once for each reason', async () => {
    const failures = [noAnswer(), noAnswer(), new EventStoreError('too slow', { outcomeUnknown: false })];
    const { decide, start, seconds, stop, setAway, happened } = await oneErasure(failures);
    await decide();
    await start();
    await seconds(3);
    setAway(true);
    await seconds(3);
    await stop();
    const reports = happened.filter((one) => !one.startsWith('finish'));
    expect(reports).to.deep.equal(['no answer', 'too slow', 'no answer']);
  });

  it('names one that it cannot finish, continues with the next one, and begins none once it is stopped', async () => {
    const store = memoryEventStore(memoryLog());
    for (const [index, erasure] of ['e-1', 'e-2', 'e-3'].entries()) {
      const own = { ...BEGUN, erasure, subject: `persona-${index + 1}` };
      await written(store, ERASURES_STREAM, index - 1, [event('ErasureBegun', own)]);
      await written(store, own.subject, NO_REVISION, [event('SubjectErased', own)]);
    }
    const stopping = new AbortController();
    const begun: string[] = [];
    const errors: object[] = [];
    await followErasures(
      {
        store,
        async onDecided({ id }) {
          begun.push(id);
          if (id === 'e-1') throw noAnswer();
          stopping.abort();
          return true;
        },
        onProved: async () => undefined,
        onError: (error) => void errors.push(error),
        timer: manualClock(),
      },
      stopping.signal,
    );
    expect(begun).to.deep.equal(['e-1', 'e-2']);
    expect(errors).to.deep.equal([{ erasure: 'e-1', subject: 'persona-1', reason: 'no answer' }]);
  });

  it('drops its cached state of a person once another instance has proved the erasure', async () => {
    const { decide, prove, start, seconds, stop, happened } = await oneErasure(Array<boolean>(9).fill(false));
    await decide();
    await start();
    await prove();
    happened.length = 0;
    await seconds(3);
    await stop();
    expect(happened).to.deep.equal([`forget ${SUBJECT}: e-1`]);
  });

  it('does so again, and reports why, until that succeeds', async () => {
    const outcomes = [false, new Error('no'), false, false];
    const { decide, prove, start, seconds, stop, happened } = await oneErasure(outcomes);
    await decide();
    await start();
    await prove();
    happened.length = 0;
    await seconds(4);
    await stop();
    const forgotten = `forget ${SUBJECT}: e-1`;
    expect(happened).to.deep.equal([forgotten, 'Error', forgotten]);
  });

  it('does nothing about one that was proved before it started', async () => {
    const { decide, prove, start, seconds, stop, happened } = await oneErasure();
    await decide();
    await prove();
    await start();
    await seconds(2);
    await stop();
    expect(happened).to.deep.equal([]);
  });

  it('waits a minute for the decision of an announced one', async () => {
    const { decide, start, seconds, stop, happened, readsOfSubject } = await oneErasure();
    await start();
    await seconds(60);
    await decide();
    await seconds(1);
    expect(happened).to.deep.equal([`finish e-1 of ${SUBJECT}`]);
    await stop();

    const forgotten = await oneErasure();
    await forgotten.start();
    await forgotten.seconds(61);
    const reads = forgotten.readsOfSubject();
    await forgotten.seconds(3);
    await forgotten.stop();
    expect(forgotten.readsOfSubject()).to.equal(reads);
    expect(readsOfSubject()).to.be.above(60);
  });
});
