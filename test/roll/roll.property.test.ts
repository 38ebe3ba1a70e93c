import { expect } from 'chai';
import fc from 'fast-check';
import { toDomainEvent } from '../../src/events/domainEvent.ts';
import type { EventStore, RecordedEvent } from '../../src/events/eventStore.ts';
import { readEach } from '../../src/events/stores/readEach.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { subjectStream } from '../../src/events/streams.ts';
import type { DomainEvent, UserRecord } from '../../src/events/types.ts';
import { user } from '../../src/domain/user.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import { changeOfCandidate, type RollChange } from '../../src/roll/changes/changes.ts';
import { createRollReader, type RollReader } from '../../src/roll/reading/readRoll.ts';
import { userRoll } from '../../src/roll/rollKinds.ts';
import { SOCIA_RECORD } from '../support/people.ts';

/** What happens to one of a few users, some time after what happened before. */
interface Step {
  id: number;
  laterMs: number;
  cuota: number;
  isRemoval: boolean;
}

const steps = fc.array(
  fc.record({
    id: fc.integer({ min: 1, max: 5 }),
    laterMs: fc.integer({ min: 0, max: 3 }),
    cuota: fc.integer({ min: 0, max: 3 }),
    isRemoval: fc.boolean(),
  }),
  { maxLength: 40 },
);

/** The log that these steps leave: who is not there is registered, who is there is edited or removed. */
function logOf(history: readonly Step[]): RecordedEvent[] {
  const states = new Map<number, UserRecord | null>();
  const revisions = new Map<number, number>();
  let ms = 0;
  return history.map(({ id, laterMs, cuota, isRemoval }, index) => {
    ms += laterMs;
    const state = states.get(id) ?? null;
    const event = eventFor(state, { id, cuota, isRemoval });
    states.set(id, user.evolve(state, event));
    const revision = (revisions.get(id) ?? -1) + 1;
    revisions.set(id, revision);
    const at = new Date(ms).toISOString();
    const place = { stream: subjectStream('user', id), revision, position: BigInt(index + 1) };
    return { ...newEvent(`event-${index}`, event, systemOrigin('test'), at), ...place };
  });
}

function eventFor(state: UserRecord | null, step: Omit<Step, 'laterMs'>): DomainEvent {
  const { id, cuota, isRemoval } = step;
  if (!state) {
    const data = { ...SOCIA_RECORD, IdUsuario: id, dni: `${id}`, cuota };
    return { type: 'UserRegistered', data };
  }
  if (isRemoval) return { type: 'UserRemoved', data: {} };
  return { type: 'UserEdited', data: { changes: { cuota: { from: state.cuota, to: cuota } } } };
}

function readerOf(log: readonly RecordedEvent[]): RollReader<UserRecord> {
  const readStream: EventStore['readStream'] = async (stream, { from = 0, limit }) =>
    log.filter((one) => one.stream === stream && one.revision >= from).slice(0, limit);
  const store: Pick<EventStore, 'readStream' | 'readStreams' | 'head'> = {
    head: async () => log.at(-1)?.position ?? null,
    readStream,
    readStreams: (starts, options) => readEach({ readStream }, starts, { ...options, atOnce: 1 }),
  };
  const documents = [1, 2, 3, 4, 5].flatMap((id) => documentOf(log, id) ?? []);
  const viewReader = {
    checkpoint: async () => ({ position: log.at(-1)?.position ?? 0n, event: null }),
    scan: async ({ after, limit }: { after: number; limit: number }) =>
      documents.filter(({ id }) => id > after).slice(0, limit),
    ids: async ({ after, limit }: { after: number; limit: number }) =>
      documents
        .map(({ id }) => id)
        .filter((id) => id > after)
        .slice(0, limit),
  };
  return createRollReader({ kind: userRoll, store, viewReader, clock: systemClock, maxWaitMs: 0 });
}

/** What the view has of a user that was ever there, tombstones included. */
function documentOf(log: readonly RecordedEvent[], id: number): ViewDocument | null {
  const own = log.filter(({ stream }) => stream === subjectStream('user', id));
  if (own.length === 0) return null;
  const body = own.reduce(
    (state: UserRecord | null, event) => user.evolve(state, toDomainEvent(event) as DomainEvent),
    null,
  );
  return { id, revision: own.length - 1, body, search: '', lookup: {}, parked: null };
}

type Roll = Map<number, object>;

async function rollAt(
  reader: RollReader<UserRecord>,
  at: number,
  batch: number,
  isProof = false,
): Promise<Roll> {
  const { horizon } = await reader.start(at, null);
  const roll: Roll = new Map();
  for await (const candidates of reader.walk([horizon], 0, { batch, isProof })) {
    for (const { id, folds } of candidates) {
      const state = folds[0]?.state;
      if (state) roll.set(id, userRoll.present(state));
    }
  }
  return roll;
}

async function changesBetween(
  reader: RollReader<UserRecord>,
  from: number,
  to: number,
): Promise<RollChange[]> {
  const { horizon } = await reader.start(from, null);
  const horizons = [horizon, { ...horizon, at: to }];
  const changes: RollChange[] = [];
  for await (const candidates of reader.walk(horizons, 0)) {
    changes.push(...candidates.flatMap((one) => changeOfCandidate(userRoll, one) ?? []));
  }
  return changes;
}

/** The roll by the definition: every event of the log up to the instant, one after the other. */
function foldOfAll(log: readonly RecordedEvent[], at: number): Roll {
  const states = new Map<number, UserRecord | null>();
  for (const recorded of log.filter(({ metadata }) => Date.parse(metadata.occurredAt) <= at)) {
    const id = Number(recorded.stream.split('-')[1]);
    const event = toDomainEvent(recorded) as DomainEvent | null;
    if (event) states.set(id, user.evolve(states.get(id) ?? null, event));
  }
  const present = [...states].flatMap(([id, state]): [number, object][] =>
    state ? [[id, userRoll.present(state)]] : [],
  );
  return new Map(present.sort(([a], [b]) => a - b));
}

/** A roll after changes; fails where a change does not fit what is there. */
function applied(roll: Roll, changes: readonly RollChange[]): Roll {
  const next = new Map(roll);
  for (const { kind, id, changes: fields } of changes) {
    const before = next.get(id) as Partial<Record<string, unknown>> | undefined;
    expect(before === undefined).to.equal(kind === 'joined');
    for (const { field, before: old } of fields) expect(before?.[field] ?? null).to.equal(old);
    const after = Object.fromEntries(fields.map(({ field, after: value }) => [field, value]));
    if (kind === 'left') next.delete(id);
    else next.set(id, { ...(before ?? { IdUsuario: id }), ...after });
  }
  return new Map([...next].sort(([a], [b]) => a - b));
}

const instants = fc
  .tuple(...[0, 1, 2].map(() => fc.integer({ min: 0, max: 60 })))
  .map((all) => all.sort((a, b) => a - b));

describe('Rolls of random histories', () => {
  it('are the fold of all events up to their moment, in batches of any size', async () => {
    await fc.assert(
      fc.asyncProperty(
        steps,
        fc.integer({ min: 0, max: 120 }),
        fc.integer({ min: 1, max: 6 }),
        fc.boolean(),
        async (history, at, batch, isProof) => {
          const log = logOf(history);
          const roll = await rollAt(readerOf(log), at, batch, isProof);
          expect([...roll]).to.deep.equal([...foldOfAll(log, at)]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('follow from an earlier one and the changes between the two', async () => {
    await fc.assert(
      fc.asyncProperty(steps, instants, async (history, [a = 0, b = 0]) => {
        const log = logOf(history);
        const reader = readerOf(log);
        const roll = applied(await rollAt(reader, a, 10), await changesBetween(reader, a, b));
        expect([...roll]).to.deep.equal([...(await rollAt(reader, b, 10))]);
      }),
      { numRuns: 200 },
    );
  });

  it('have changes that compose: from a to b and from b to c lead where from a to c leads', async () => {
    await fc.assert(
      fc.asyncProperty(steps, instants, async (history, [a = 0, b = 0, c = 0]) => {
        const reader = readerOf(logOf(history));
        const first = await rollAt(reader, a, 10);
        const inTwo = applied(
          applied(first, await changesBetween(reader, a, b)),
          await changesBetween(reader, b, c),
        );
        expect([...inTwo]).to.deep.equal([...applied(first, await changesBetween(reader, a, c))]);
      }),
      { numRuns: 200 },
    );
  });

  it('stay the same when an event with an earlier instant is appended behind their position', async () => {
    const log = logOf([
      { id: 1, laterMs: 1, cuota: 1, isRemoval: false },
      { id: 2, laterMs: 1, cuota: 1, isRemoval: false },
    ]);
    const { horizon } = await readerOf(log).start(50, null);
    const late = logOf([
      { id: 1, laterMs: 1, cuota: 1, isRemoval: false },
      { id: 2, laterMs: 1, cuota: 1, isRemoval: false },
      { id: 2, laterMs: 1, cuota: 2, isRemoval: false },
      { id: 3, laterMs: 1, cuota: 2, isRemoval: false },
    ]);
    const seen: unknown[] = [];
    for await (const batch of readerOf(late).walk([horizon], 0)) {
      seen.push(...batch.map(({ id, folds }) => [id, folds[0]?.state?.cuota ?? null]));
    }
    expect(seen).to.deep.equal([
      [1, 1],
      [2, 1],
      [3, null],
    ]);
  });
});
