import { expect } from 'chai';
import { pause, readUntil } from '../../src/commands/loading/waits.ts';
import type { Clock } from '../../src/platform/clock.ts';
import { createDeadline, type Deadline } from '../../src/platform/deadline.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { failureOf } from '../events/contract/steps.ts';
import { deferred } from '../support/deferred.ts';
import { quickTime } from '../support/laggingStore.ts';
import { manualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { codeOf, testProcess } from '../support/processes.ts';

const nextTick = (): Promise<void> => new Promise(setImmediate);

/** A process whose appends to persona-1 wait for `go`, and the number of those that have begun. */
async function heldProcess() {
  const log = memoryLog();
  await testProcess(memoryEventStore(log)).register({ dni: '1', cuenta: 'ana' });
  const [reached, go] = [deferred(), deferred()];
  let appends = 0;
  const store = memoryEventStore(log, async (what) => {
    if (what !== 'append persona-1') return;
    appends += 1;
    reached.resolve();
    await go.promise;
  });
  const phones = (): unknown[] =>
    log.events
      .filter(({ type }) => type === 'PersonaProfileUpdated')
      .map(({ data }) => (data as { changes: { telefono: { to: string } } }).changes.telefono.to);
  return { people: testProcess(store), reached: reached.promise, go, phones, appends: () => appends };
}

describe('The deadline of a command', () => {
  it('ends a wait behind another command, and the waiting command does not run', async () => {
    const { people, reached, go, phones } = await heldProcess();
    const first = people.update('ana', { telefono: 'first' });
    await reached;
    const time = manualClock();
    const second = people.update('ana', { telefono: 'second' }, { deadline: createDeadline(1_000, time) });
    await nextTick();
    time.advance(1_000);
    expect(await failureOf(second)).to.be.instanceOf(EventStoreError);
    go.resolve();
    expect(codeOf(await first)).to.equal('done');
    await nextTick();
    expect(phones()).to.deep.equal(['first']);
  });

  it('ends the wait when the client disconnects, and the command does not run', async () => {
    const { people, reached, go, phones } = await heldProcess();
    const first = people.update('ana', { telefono: 'first' });
    await reached;
    const deadline = createDeadline(1_000, manualClock());
    const second = people.update('ana', { telefono: 'second' }, { deadline });
    const third = people.update('ana', { telefono: 'third' });
    await nextTick();
    deadline.cancel();
    expect(await failureOf(second)).to.be.instanceOf(EventStoreError);
    go.resolve();
    await Promise.all([first, third]);
    expect(phones()).to.deep.equal(['first', 'third']);
  });

  it('ends a command whose store never answers', async () => {
    const { people } = await heldProcess();
    const time = manualClock();
    const update = people.update('ana', { telefono: 'x' }, { deadline: createDeadline(1_000, time) });
    await time.sleeping(1);
    time.advance(1_000);
    expect(await failureOf(update)).to.include({ name: 'EventStoreError', outcomeUnknown: true });
  });

  it('makes no call to the store once it has passed', async () => {
    const asked: string[] = [];
    const store = memoryEventStore(memoryLog(), async (what) => void asked.push(what));
    const register = testProcess(store).register({ dni: '1' }, { key: 'k', deadline: createDeadline(0) });
    expect(await failureOf(register)).to.be.instanceOf(EventStoreError);
    expect(asked).to.deep.equal([]);
  });

  it('is passed to every call to the store', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    const calls: [what: string, deadline: Deadline | undefined][] = [];
    const watched: EventStore = {
      ...store,
      append(appends, options) {
        for (const { stream } of appends) calls.push([`append ${stream}`, options?.deadline]);
        return store.append(appends, options);
      },
      readStream(stream, options) {
        calls.push([`read ${stream}`, options.deadline]);
        return store.readStream(stream, options);
      },
    };
    await testProcess(store).register({ dni: '9', cuenta: 'zoe' });
    const people = testProcess(watched);
    const deadline = createDeadline(60_000, manualClock());
    await people.register({ dni: '1', cuenta: 'ana' }, { key: 'register', deadline });
    await people.update('ana', { telefono: '1' }, { deadline });
    await people.update('ana', { telefono: '1' }, { key: 'no change', deadline });
    await people.update('ana', { dni: '9' }, { key: 'taken', deadline });
    await people.update('ana', { dni: '2' }, { key: 'change', deadline });
    await people.update('ana', { dni: '2' }, { key: 'change', deadline });
    await people.update('nobody', { dni: '2' }, { deadline });

    const kinds = new Set(calls.map(([what]) => what.replace(/-.*/, '')));
    expect([...kinds].sort()).to.deep.equal(
      ['key', 'persona', 'reservation', 'sequence']
        .flatMap((kind) => [`append ${kind}`, `read ${kind}`])
        .concat('read padron')
        .sort(),
    );
    expect(calls.filter(([, given]) => given?.remainingMs() !== 60_000)).to.deep.equal([]);
  });

  it('ends a pause with an error, and waits that end by it read nothing after it', async () => {
    const { clock, deadline } = quickTime(1_000);
    expect(await failureOf(pause(1_000, { clock, deadline }))).to.be.instanceOf(EventStoreError);
    let reads = 0;
    const read = async (): Promise<number> => (reads += 1);
    expect(await failureOf(readUntil(read, () => false, { clock, deadline }))).to.be.instanceOf(
      EventStoreError,
    );
    expect(reads).to.equal(1);
  });

  it('ends the retries of a command that keeps losing to other writers', async () => {
    const log = memoryLog();
    const store = memoryEventStore(log);
    await testProcess(store).register({ dni: '1', cuenta: 'ana' });
    const others = testProcess(store);
    let n = 0;
    let waits = 0;
    const { clock, deadline, waitedMs } = quickTime(9_500);
    const waiting: Clock = {
      ...clock,
      async wait(ms) {
        waits += 1;
        await clock.wait(ms);
        waits -= 1;
      },
    };
    const people = testProcess(
      {
        ...store,
        async append(appends, options) {
          expect(waits, 'attempts during a pause').to.equal(0);
          if (appends[0]?.stream === 'persona-1')
            await others.update('ana', { telefono: `theirs ${(n += 1)}` });
          return store.append(appends, options);
        },
      },
      waiting,
    );
    const outcome = people.update('ana', { telefono: 'mine' }, { deadline });
    expect(codeOf(await outcome)).to.equal('contention');
    expect(n).to.equal(12);
    expect(waitedMs()).to.be.within(20, 5_000);
  });
});

describe('A command that waits behind one that the store did not answer', () => {
  it('fails together with it, without another call to the store', async () => {
    const log = memoryLog();
    await testProcess(memoryEventStore(log)).register({ dni: '1', cuenta: 'ana' });
    const [reached, go] = [deferred(), deferred()];
    let appends = 0;
    let isAway = true;
    const store = memoryEventStore(log, async (what) => {
      if (what !== 'append persona-1') return;
      appends += 1;
      reached.resolve();
      await go.promise;
      if (isAway) throw new EventStoreError('no answer', { outcomeUnknown: true });
    });
    const people = testProcess(store);
    const writes = ['1', '2', '3'].map((telefono) => people.update('ana', { telefono }));
    await reached.promise;
    await nextTick();
    go.resolve();
    for (const write of writes) expect(await failureOf(write)).to.be.instanceOf(EventStoreError);
    expect(appends).to.equal(1);

    isAway = false;
    expect(codeOf(await people.update('ana', { telefono: '4' }))).to.equal('done');
  });
});
