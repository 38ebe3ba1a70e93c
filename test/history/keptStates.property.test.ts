import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { createRepository } from '../../src/commands/loading/repository.ts';
import { user } from '../../src/domain/user.ts';
import { createKnownSkips } from '../../src/events/bookkeeping/skips.ts';
import { ErasedData } from '../../src/events/codec.ts';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import { asOf, asOfBoth, type PointInTime } from '../../src/history/asOf.ts';
import { event, written } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { aUser } from './support/people.ts';
import { plainAsOf } from './support/plainFold.ts';

const STREAM = 'user-15';
const START = Date.parse('2024-03-01T08:00:00.000Z');
/** What a reader gives an event whose metadata has no instant. */
const NO_INSTANT = '1970-01-01T00:00:00.000Z';
/** Longer than what is kept one state of. */
const MAX_BATCH = 180;

interface Batch {
  count: number;
  /** The type of the events, or what is wrong with the last of them. */
  last: 'edit' | 'remove' | 'register' | 'impossible' | 'without an instant';
}

type Step =
  | { does: 'append'; batch: Batch }
  | { does: 'skip'; revision: number }
  | { does: 'restore'; lost: number }
  | { does: 'erase' }
  | { does: 'ask'; moments: [PointInTime, PointInTime] };

const revision = fc.nat({ max: 500 });
const moment = fc.oneof(
  fc.record({ revision }),
  revision.map((later): PointInTime => ({ at: START + later * 1_000 - 500 })),
);
const batch = fc.record({
  count: fc.integer({ min: 1, max: MAX_BATCH }),
  last: fc.constantFrom<Batch['last']>(
    'edit',
    'edit',
    'remove',
    'register',
    'impossible',
    'without an instant',
  ),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ does: fc.constant('append' as const), batch }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('skip' as const), revision }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('restore' as const), lost: fc.nat({ max: 150 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({ does: fc.constant('ask' as const), moments: fc.tuple(moment, moment) }),
  },
);

const eventsOfStream = (log: MemoryLog): RecordedEvent[] =>
  log.events.filter(({ stream }) => stream === STREAM);

function append(log: MemoryLog, { count, last }: Batch): void {
  const first = eventsOfStream(log).length;
  for (let own = first; own < first + count; own += 1) {
    const kind = own === 0 ? 'register' : own === first + count - 1 ? last : 'edit';
    const changes = { cuota: { from: own - 1, to: own } };
    const made = {
      edit: event('UserEdited', { changes }),
      'without an instant': event('UserEdited', { changes }),
      impossible: event('UserEdited', { changes: 'all' }),
      register: event('UserRegistered', aUser),
      remove: event('UserRemoved', {}),
    }[kind];
    made.metadata.occurredAt =
      kind === 'without an instant' ? NO_INSTANT : new Date(START + own * 1_000).toISOString();
    const position = BigInt(log.events.length + 1);
    log.events.push({ ...made, stream: STREAM, revision: own, position });
  }
}

async function skip(log: MemoryLog, skipped: number): Promise<void> {
  const store = memoryEventStore(log);
  const before = log.events.filter(({ stream }) => stream === 'padron-skips').length;
  const data = { view: 'users', subject: STREAM, revision: skipped, reason: 'why' };
  const made = event('EventSkipped', data);
  made.metadata.schemaVersion = 2;
  await written(store, 'padron-skips', before - 1, [made]);
}

/** The log as of a backup without the last events, and then other events in their place. */
function restore(log: MemoryLog, lost: number): void {
  const own = eventsOfStream(log);
  const gone = new Set(own.slice(Math.max(1, own.length - lost)).map(({ id }) => id));
  log.events = log.events.filter(({ id }) => !gone.has(id));
  for (let other = 0; other < gone.size; other += 1) append(log, { count: 1, last: 'edit' });
  for (const one of eventsOfStream(log).slice(-gone.size)) {
    if (gone.size > 0) one.data = { changes: { nombre: { from: '', to: randomUUID() } } };
  }
}

const erase = (log: MemoryLog): void => {
  for (const one of eventsOfStream(log)) one.data = new ErasedData();
};

describe('An answer from kept states', () => {
  it('is what a fold from the start gives, whatever was appended, skipped, restored or erased between', async () => {
    let answers = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 24 }), fc.boolean(), async (steps, ends) => {
        const log = memoryLog();
        const store = memoryEventStore(log);
        const repository = createRepository(store, createKnownSkips(store));
        const last: Step = { does: 'ask', moments: [{ revision: 150 }, { revision: 250 }] };
        for (const one of [...steps, last, ...(ends ? [{ does: 'erase' } as const, last] : [])]) {
          if (one.does === 'append') append(log, one.batch);
          if (one.does === 'skip') await skip(log, one.revision);
          if (one.does === 'restore') restore(log, one.lost);
          if (one.does === 'erase') erase(log);
          if (one.does !== 'ask') continue;
          const [a, b] = one.moments;
          const plain = [await plainAsOf(store, user, STREAM, a), await plainAsOf(store, user, STREAM, b)];
          expect(await asOf(repository, user, STREAM, a)).to.deep.equal(plain[0]);
          expect(await asOf(repository, user, STREAM, b)).to.deep.equal(plain[1]);
          expect(await asOfBoth(repository, user, STREAM, one.moments)).to.deep.equal(plain);
          answers += plain.filter((found) => 'loaded' in found && found.loaded.revision > 100).length;
        }
      }),
      { numRuns: 60 },
    );
    expect(answers).to.be.above(100);
  });

  it('is that the person is erased, even where the kept state is that of the last event', async () => {
    const log = memoryLog();
    append(log, { count: 100, last: 'edit' });
    const repository = createRepository(memoryEventStore(log));
    const last = { revision: 99 };
    expect(await asOf(repository, user, STREAM, last)).to.have.nested.property('loaded.revision', 99);
    erase(log);
    expect(await asOf(repository, user, STREAM, last)).to.deep.equal({ missing: 'erased' });
  });
});
