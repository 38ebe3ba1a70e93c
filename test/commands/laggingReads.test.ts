import { expect } from 'chai';
import type { Outcome } from '../../src/commands/command.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { failureOf } from '../events/contract/steps.ts';
import { laggingStore, quickTime } from '../support/laggingStore.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { codeOf, testProcess } from '../support/processes.ts';

const LIMIT_MS = 9_500;
const isLate = (error: unknown): boolean => error instanceof EventStoreError;

/** Ana, registered with the phone «old» at revision 1. */
async function logWithAna(): Promise<MemoryLog> {
  const log = memoryLog();
  const people = testProcess(memoryEventStore(log));
  await people.register({ dni: '1', cuenta: 'ana' });
  await people.update('ana', { telefono: 'old' });
  return log;
}

const shown = (outcome: Outcome<PersonaRecord>) =>
  outcome.outcome === 'done' ? [outcome.state?.telefono, outcome.revision] : outcome.rejection.code;
const typesIn = ({ events }: MemoryLog, stream: RegExp): string[] =>
  events.filter((event) => stream.test(event.stream)).map(({ type }) => type);

describe('A command on a store whose reads lag behind its appends', () => {
  it('answers a write with a key from a read that shows it', async () => {
    const log = await logWithAna();
    const { store, catchUp } = laggingStore(log);
    const { clock, deadline } = quickTime(LIMIT_MS, (ms) => {
      if (ms > 400) catchUp();
    });
    const late = testProcess(store, clock);
    const outcome = await late.update('ana', { telefono: 'new' }, { key: 'k', deadline });
    expect(shown(outcome)).to.deep.equal(['new', 2]);
  });

  it('rejects a write with a key that no read shows before the deadline, instead of answering an older state', async () => {
    const log = await logWithAna();
    const { store } = laggingStore(log);
    const { clock, deadline, waitedMs } = quickTime(LIMIT_MS);
    const write = testProcess(store, clock).update('ana', { telefono: 'new' }, { key: 'k', deadline });
    expect(await failureOf(write)).to.satisfy(isLate);
    expect(waitedMs()).to.be.within(LIMIT_MS, LIMIT_MS + 500);
  });

  it('does not answer «no change» from a state that a conflict has proved old', async () => {
    const log = await logWithAna();
    const { store, catchUp } = laggingStore(log);
    const { clock, deadline } = quickTime(LIMIT_MS, (ms) => {
      if (ms > 1_000) catchUp();
    });
    const late = testProcess(store, clock);
    await late.update('ana', { telefono: 'old' }); // now in its memory
    const people = testProcess(memoryEventStore(log));
    await people.update('ana', { telefono: 'new' });
    catchUp();
    await people.update('ana', { telefono: 'theirs' });

    // Its memory says «old», its reads say «new», the store holds «theirs».
    expect(shown(await late.update('ana', { telefono: 'new' }, { deadline }))).to.deep.equal(['new', 4]);
  });

  it('rejects at the deadline if reads never show the revision that a conflict named', async () => {
    const log = await logWithAna();
    const { store, catchUp } = laggingStore(log);
    const { clock, deadline } = quickTime(LIMIT_MS);
    const late = testProcess(store, clock);
    await late.update('ana', { telefono: 'old' });
    const people = testProcess(memoryEventStore(log));
    await people.update('ana', { telefono: 'new' });
    catchUp();
    await people.update('ana', { telefono: 'theirs' });
    const before = log.events.length;
    const failure = failureOf(late.update('ana', { telefono: 'new' }, { deadline }));
    expect(await failure).to.satisfy(isLate);
    expect(log.events).to.have.lengthOf(before);
  });

  it('appends if the event that a conflict named no longer exists', async () => {
    const log = await logWithAna();
    const store = memoryEventStore(log);
    let conflicts = 0;
    const { clock, deadline } = quickTime(LIMIT_MS);
    const people = testProcess(
      {
        ...store,
        async append(appends, options) {
          conflicts += 1;
          if (conflicts > 1) return store.append(appends, options);
          return { outcome: 'conflict', stream: 'persona-1', actual: 7 };
        },
      },
      clock,
    );
    expect(shown(await people.update('ana', { telefono: 'new' }, { deadline }))).to.deep.equal(['new', 2]);
  });

  it('treats a key as its own request’s while the key’s record cannot be read yet', async () => {
    const log = await logWithAna();
    const { store, catchUp } = laggingStore(log);
    const people = testProcess(memoryEventStore(log));
    await people.update('ana', { telefono: 'new' }, { key: 'k' });
    const { clock, deadline } = quickTime(LIMIT_MS, (ms) => {
      if (ms > 1_000) catchUp();
    });
    const repeat = await testProcess(store, clock).update('ana', { telefono: 'new' }, { key: 'k', deadline });
    expect(shown(repeat)).to.deep.equal(['new', 2]);
    expect(repeat).to.include({ repeated: true });
  });

  it('does not answer «no change» from a state older than the one that an earlier attempt with its key saw', async () => {
    const log = await logWithAna();
    const { store: old, catchUp } = laggingStore(log);
    await testProcess(memoryEventStore(log)).update('ana', { telefono: 'new' });
    const dying = memoryEventStore(log, async (what) => {
      if (what === 'append persona-1') throw new EventStoreError('no answer', { outcomeUnknown: true });
    });
    await failureOf(testProcess(dying).update('ana', { telefono: 'old' }, { key: 'k' }));

    const present = memoryEventStore(log);
    const { clock, deadline } = quickTime(LIMIT_MS, (ms) => {
      if (ms > 1_000) catchUp();
    });
    // Reads of keys are up to date, those of persons lag.
    const store: EventStore = {
      ...present,
      readStream: (stream, options) =>
        (stream.startsWith('persona-') ? old : present).readStream(stream, options),
    };
    const again = testProcess(store, clock).update('ana', { telefono: 'old' }, { key: 'k', deadline });
    expect(shown(await again)).to.deep.equal(['old', 3]);
  });

  it('never reports a reused key while the key’s record cannot be read', async () => {
    const log = await logWithAna();
    const { store } = laggingStore(log);
    const people = testProcess(memoryEventStore(log));
    await people.update('ana', { telefono: 'new' }, { key: 'k' });
    const { clock, deadline } = quickTime(LIMIT_MS);
    const repeat = testProcess(store, clock).update('ana', { telefono: 'new' }, { key: 'k', deadline });
    expect(await repeat.then(codeOf, isLate)).to.be.oneOf([true, 'contention']);
    expect(typesIn(log, /^persona-1$/)).to.have.lengthOf(3);
  });

  it('applies a key once even if the search for its event reads from an older node than the state did', async () => {
    const log = await logWithAna();
    const twin = testProcess(memoryEventStore(log));
    await twin.update('ana', { telefono: 'new' }, { key: 'k' });
    await twin.update('ana', { telefono: 'theirs' });
    const store = memoryEventStore(log);
    const { clock, deadline } = quickTime(LIMIT_MS);
    let looks = 0;
    const people = testProcess(
      {
        ...store,
        async readStream(stream, options) {
          const isLook = stream === 'persona-1' && options.from === 2;
          // Both looks, before and after the state is loaded, are answered by a node that lacks the event.
          if (isLook && (looks += 1) <= 2) return [];
          return store.readStream(stream, options);
        },
      },
      clock,
    );
    const repeat = await people.update('ana', { telefono: 'new' }, { key: 'k', deadline });
    expect(shown(repeat)).to.deep.equal(['theirs', 3]);
    expect(typesIn(log, /^persona-1$/)).to.have.lengthOf(4);
  });

  it('allocates the next id once reads show what others allocated, and never one twice', async () => {
    const log = await logWithAna();
    const { store, catchUp } = laggingStore(log);
    const other = testProcess(memoryEventStore(log));
    for (const dni of ['2', '3']) await other.register({ dni, cuenta: dni });
    const { clock, deadline } = quickTime(LIMIT_MS, (ms) => {
      if (ms > 1_000) catchUp();
    });
    const late = testProcess(store, clock);
    const outcome = await late.register({ dni: '4', cuenta: '4' }, { deadline });
    expect(outcome).to.include({ outcome: 'done', id: 4 });
    const ids = log.events.filter(({ type }) => type === 'IdAllocated').map(({ data }) => data);
    expect(ids).to.deep.equal([1, 2, 3, 4].map((id) => ({ id })));
  });

  it('decides whether a DNI is free only once reads show who claimed it', async () => {
    const log = await logWithAna();
    const other = testProcess(memoryEventStore(log));
    await other.register({ dni: '2', cuenta: 'ben' });
    const { store, catchUp } = laggingStore(log);
    await other.update('ben', { dni: '3' });
    await other.update('ana', { dni: '2' });
    const { clock, deadline } = quickTime(LIMIT_MS, (ms) => {
      if (ms > 1_000) catchUp();
    });
    // Its reads say that Ben holds 2 still; the store refuses its id first, which brings them up to date.
    const late = testProcess(store, clock);
    await other.register({ dni: '9', cuenta: 'cleo' });
    expect(codeOf(await late.register({ dni: '2', cuenta: 'dan' }, { deadline }))).to.equal('taken');
    expect(codeOf(await late.register({ dni: '1', cuenta: 'eva' }, { deadline }))).to.equal('done');
  });
});
