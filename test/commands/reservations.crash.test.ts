import { expect } from 'chai';
import { CLAIM_GRACE_MS } from '../../src/commands/claims/reservations.ts';
import { event, written } from '../events/contract/steps.ts';
import { codeOf, immediateClock, noDeadline, testProcess } from '../support/processes.ts';
import { deferred } from '../support/deferred.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';

interface Stopping {
  process: ReturnType<typeof testProcess>;
  stopped: Promise<void>;
  go(): void;
}

/** A process that stops before its nth append to a stream: for good, or until `go` is called. */
function stoppingAt(log: MemoryLog, nth: number): Stopping {
  let appends = 0;
  const stop = deferred();
  const go = deferred();
  const store = memoryEventStore(log, async (what) => {
    if (!what.startsWith('append')) return;
    appends += 1;
    if (appends !== nth) return;
    stop.resolve();
    await go.promise;
  });
  return {
    process: testProcess(store),
    stopped: stop.promise,
    go: () => {
      go.resolve();
    },
  };
}

// A registration appends the id, the claim of the DNI, the claim of the cuenta, the event.
const APPENDS = ['the id', 'the claim of the DNI', 'the claim of the cuenta', 'the event'];

describe('A registration on a store that appends to one stream at a time', () => {
  for (const [index, before] of APPENDS.entries()) {
    it(`leaves its DNI and cuenta available when its process dies before ${before}`, async () => {
      const log = memoryLog();
      const dying = stoppingAt(log, index + 1);
      void dying.process.register({ dni: '7', cuenta: 'a' }, { deadline: noDeadline() });
      await dying.stopped;

      const other = testProcess(memoryEventStore(log));
      expect(codeOf(await other.register({ dni: '7', cuenta: 'a' }))).to.equal('done');
    });

    it(`does not get a DNI that another takes while it pauses before ${before}`, async () => {
      const log = memoryLog();
      const sleepy = stoppingAt(log, index + 1);
      const late = sleepy.process.register({ dni: '7', cuenta: 'late' });
      await sleepy.stopped;
      const other = testProcess(memoryEventStore(log));
      expect(codeOf(await other.register({ dni: '7', cuenta: 'other' }))).to.equal('done');
      sleepy.go();

      expect(codeOf(await late)).to.equal('taken');
      const registered = log.events.filter(({ type }) => type === 'PersonaRegistered');
      expect(registered.map(({ data }) => (data as { cuenta: string }).cuenta)).to.deep.equal(['other']);
    });
  }

  it('claims a DNI that is the same text as an account, whether its own or another person’s', async () => {
    const people = testProcess(memoryEventStore(memoryLog()));
    await people.register({ dni: '1', cuenta: '7' });
    expect(codeOf(await people.register({ dni: '2', cuenta: '1' }))).to.equal('done');
    expect(codeOf(await people.update('7', { dni: '7' }))).to.equal('done');
    expect(codeOf(await people.register({ dni: '7', cuenta: 'b' }))).to.equal('taken');
    expect(codeOf(await people.register({ dni: '1', cuenta: 'c' }))).to.equal('done');
  });

  it('ignores a claim by a stream that is no subject', async () => {
    const log = memoryLog();
    const first = testProcess(memoryEventStore(log));
    await first.register({ dni: '7', cuenta: 'a' });
    const owner = 'persona-9007199254740992';
    log.events = log.events
      .filter(({ stream }) => stream.startsWith('reservation-'))
      .map((event, index) => ({
        ...event,
        position: BigInt(index + 1),
        data: { owner, revision: 0 },
      }));
    const other = testProcess(memoryEventStore(log));
    expect(codeOf(await other.update('a', { telefono: '1' }))).to.equal('not-found');
    expect(codeOf(await other.register({ dni: '7', cuenta: 'a' }))).to.equal('done');
    expect(log.events.some(({ stream }) => stream === owner)).to.equal(false);
  });

  it('keeps its claim while it is slow: a challenger waits the grace period and learns that the DNI is taken', async () => {
    const log = memoryLog();
    const slow = stoppingAt(log, 4);
    const first = slow.process.register({ dni: '7', cuenta: 'slow' });
    await slow.stopped;
    const waits: number[] = [];
    const challenger = testProcess(memoryEventStore(log), {
      ...immediateClock,
      wait: async (ms) => {
        waits.push(ms);
        slow.go();
        await first;
      },
    });

    expect(codeOf(await challenger.register({ dni: '7', cuenta: 'other' }))).to.equal('taken');
    expect(codeOf(await first)).to.equal('done');
    expect(waits).to.deep.equal([CLAIM_GRACE_MS]);
  });

  it('is not fenced before a whole grace period in which neither its claim nor its stream moved', async () => {
    const log = memoryLog();
    const slow = stoppingAt(log, 4);
    void slow.process.register({ dni: '7', cuenta: 'slow' }, { deadline: noDeadline() });
    await slow.stopped;
    const claim = log.events.find(({ type }) => type === 'ValueClaimed');
    if (!claim) throw new Error('no claim');
    const lapsedAtWait: number[] = [];
    const challenger = testProcess(memoryEventStore(log), {
      ...immediateClock,
      wait: async (ms) => {
        if (ms !== CLAIM_GRACE_MS) return;
        lapsedAtWait.push(log.events.filter(({ type }) => type === 'ReservationLapsed').length);
        // The owner claims again while the first grace period runs.
        const { stream, type, data } = claim;
        if (lapsedAtWait.length === 1)
          await written(memoryEventStore(log), stream, claim.revision, [event(type, data)]);
      },
    });
    expect(codeOf(await challenger.register({ dni: '7', cuenta: 'other' }))).to.equal('done');
    expect(lapsedAtWait).to.deep.equal([0, 0]);
  });

  it('registers at the next revision after it was fenced, if the DNI is free again', async () => {
    const log = memoryLog();
    const sleepy = stoppingAt(log, 4);
    const late = sleepy.process.register({ dni: '7', cuenta: 'late' });
    await sleepy.stopped;
    const other = testProcess(memoryEventStore(log));
    await other.register({ dni: '7', cuenta: 'other' });
    await other.update('other', { dni: '8' });
    sleepy.go();

    const outcome = await late;
    expect(codeOf(outcome)).to.equal('done');
    expect(outcome).to.include({ revision: 1 });
    const own = log.events.filter(({ stream }) => stream === 'persona-1').map(({ type }) => type);
    expect(own).to.deep.equal(['ReservationLapsed', 'PersonaRegistered']);
  });
});
