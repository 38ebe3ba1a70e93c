import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { applyRecorded, NOTHING_LOADED } from '../../src/domain/aggregate.ts';
import type { Outcome } from '../../src/commands/command.ts';
import { persona } from '../../src/domain/persona.ts';
import { eventsOf, type EventStore } from '../../src/events/eventStore.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { subjectStream } from '../../src/events/streams.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import type { Pace } from '../support/eventstoredb/cluster.ts';
import { describeLong } from '../support/long.ts';
import { testProcess, type TestProcess } from '../support/processes.ts';
import { seededRandom, type Random } from '../support/seededRandom.ts';

/** Long form: CLUSTER_CAMPAIGN_SECONDS=120. The seed makes the clients' choices and the faults the same again. */
const SECONDS = Number(process.env['CLUSTER_CAMPAIGN_SECONDS'] ?? 12);
const SEED = Number(process.env['CLUSTER_CAMPAIGN_SEED'] ?? 1);
const IS_LONG = SECONDS > 60;

const NODES = 3;
const INSTANCES = 3;
const CLIENTS = 9;
/** What a caller may have to wait for one answer: the command's own limit and a little. */
const MAX_ANSWER_MS = 12_000;
/** How often a caller repeats what was not answered: an election and the deadline of each try. */
const MAX_REPEATS = 40;
/** A few, so that their holders meet. */
const DNIS = ['1', '2', '3', '4', '5'];

/** A real cluster elects within 3 to 5 s; the short form does so in a tenth of it. */
const PACE: Partial<Pace> = IS_LONG
  ? { replicationMs: 5, followerLagMs: 100, electionMs: 4_000, staleMs: 0 }
  : { replicationMs: 5, followerLagMs: 100, electionMs: 400, staleMs: 0 };
/** The mean pause before the next fault, and how long a node stays away: in the long form a leader is lost every 8 s. */
const FAULT_MS = IS_LONG ? { between: 1_400, away: 6_000 } : { between: 600, away: 900 };

/** What one client wrote, and what it was told. */
interface Written {
  id: number;
  telefono: string;
  acknowledged: boolean;
}

describeLong('Three instances on a cluster that loses its leader repeatedly', function () {
  this.timeout((SECONDS + 120) * 1_000);
  let server: EventStoreDbServer;
  let stores: EventStore[];

  before(async () => {
    server = await EventStoreDbServer.start({ nodes: NODES });
    await server.setPace(PACE);
    stores = await Promise.all(
      Array.from({ length: INSTANCES }, () => openEventStoreDb({ url: server.url })),
    );
  });
  after(async () => {
    await Promise.all(stores.map((store) => store.close()));
    await server.close();
  });

  it(`never return older data than acknowledged, and apply each key once (seed ${SEED})`, async () => {
    const instances = stores.map((store) => testProcess(store, systemClock));
    const ids = await registered(instances[0]!);
    const faults: string[] = [];
    const ended = new AbortController();
    const chaos = loseLeaders(server, seededRandom(SEED), ended.signal);
    const end = performance.now() + SECONDS * 1_000;
    const clients = ids.map((id, number) =>
      client({ id, number, end, instances, random: seededRandom(SEED * 1_000 + number), faults }),
    );
    const written = (await Promise.all(clients)).flat();
    ended.abort();
    const losses = await chaos;
    console.log(`      ${losses} leaders lost, ${written.length} writes`);

    const events = await Promise.all(ids.map((id) => collected(stores[1]!, id)));
    const applied = countsOf(events.flat());
    for (const { telefono, acknowledged } of written) {
      const times = applied.get(telefono) ?? 0;
      if (times > 1) faults.push(`${telefono} was applied ${times} times`);
      if (acknowledged && times !== 1) faults.push(`${telefono} was acknowledged and applied ${times} times`);
    }
    faults.push(...doubleHolders(events));
    expect(faults).to.deep.equal([]);
    expect(losses).to.be.at.least(3);
    expect(written.filter(({ acknowledged }) => acknowledged).length).to.be.above(SECONDS);
  });
});

/** One person for each client, on a cluster that is whole. */
async function registered({ register }: TestProcess): Promise<number[]> {
  const ids: number[] = [];
  for (let n = 0; n < CLIENTS; n += 1) {
    const outcome = await register({ dni: `own-${n}`, cuenta: `cuenta-${n}` });
    if (outcome.outcome !== 'done') throw new Error(outcome.rejection.code);
    ids.push(outcome.id);
  }
  return ids;
}

/** Kills or pauses the leader, brings it back later, and so on. Returns how often. */
async function loseLeaders(server: EventStoreDbServer, random: Random, signal: AbortSignal): Promise<number> {
  let losses = 0;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    await pause(FAULT_MS.between * (0.5 + random()), undefined, { signal }).catch(() => undefined);
    const { leader } = await server.report();
    if (leader === null || isOver()) continue;
    losses += 1;
    if (random() < 0.5) await server.kill(leader);
    else await server.pause(leader);
    await pause(FAULT_MS.away);
    await server.resumeNode(leader);
  }
  return losses;
}

interface Client {
  id: number;
  number: number;
  /** When to stop, on the monotonic clock. */
  end: number;
  instances: readonly TestProcess[];
  random: Random;
  faults: string[];
}

/** Writes to its own person, each time with a key, on any instance; repeats what was not answered until it is. */
async function client({ id, number, end, instances, random, faults }: Client): Promise<Written[]> {
  const written: Written[] = [];
  let seen = -1;
  for (let n = 0; performance.now() < end; n += 1) {
    const telefono = `${number}-${n}`;
    const dni = random() < 0.3 ? DNIS[Math.floor(random() * DNIS.length)] : undefined;
    const body = { telefono, ...(dni === undefined ? {} : { dni }) };
    const ask = async (): Promise<Outcome<PersonaRecord>> => {
      const instance = instances[Math.floor(random() * instances.length)]!;
      return answerIn(
        faults,
        instance.update(`cuenta-${number}`, body, { key: telefono, bodyHash: telefono }),
      );
    };
    // Every fourth request comes twice at once, as from a caller whose connection broke.
    const asks = random() < 0.25 ? [ask, ask] : [ask];
    const outcomes = await Promise.all(asks.map((one) => untilAnswered(one)));
    for (const outcome of outcomes) {
      if (outcome?.outcome === 'done') {
        if (outcome.state?.telefono !== telefono)
          faults.push(`${telefono} was answered with ${outcome.state?.telefono}`);
        if (outcome.revision < seen) faults.push(`${telefono}: revision ${outcome.revision} after ${seen}`);
        seen = Math.max(seen, outcome.revision);
      } else if (outcome && !['taken', 'contention'].includes(outcome.rejection.code)) {
        faults.push(`${telefono} was refused: ${outcome.rejection.code}`);
      }
    }
    written.push({ id, telefono, acknowledged: outcomes.some((outcome) => outcome?.outcome === 'done') });
  }
  return written;
}

/** The answer, with a fault noted when it took too long. */
async function answerIn<T>(faults: string[], answer: Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await answer;
  } finally {
    const ms = Math.round(performance.now() - start);
    if (ms > MAX_ANSWER_MS) faults.push(`an answer took ${ms} ms`);
  }
}

/** Repeats with the same key while the store is out of reach; null when it stays so. */
async function untilAnswered(
  ask: () => Promise<Outcome<PersonaRecord>>,
): Promise<Outcome<PersonaRecord> | null> {
  for (let repeats = 0; repeats < MAX_REPEATS; repeats += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof EventStoreError)) throw error;
      await pause(50);
    }
  }
  return null;
}

interface Change {
  id: number;
  position: bigint;
  before: PersonaRecord | null;
  after: PersonaRecord | null;
}

/** What happened to one person, with the state around each event. */
async function collected(store: EventStore, id: number): Promise<Change[]> {
  const changes: Change[] = [];
  let loaded = NOTHING_LOADED as Parameters<typeof applyRecorded<PersonaRecord>>[1];
  for await (const event of eventsOf(store, subjectStream('persona', id))) {
    const before = loaded.state;
    loaded = applyRecorded(persona, loaded, event);
    changes.push({ id, position: event.position, before, after: loaded.state });
  }
  return changes;
}

/** How often each phone number was set. */
function countsOf(changes: readonly Change[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { before, after } of changes) {
    const telefono = after?.telefono;
    if (typeof telefono !== 'string' || telefono === before?.telefono) continue;
    counts.set(telefono, (counts.get(telefono) ?? 0) + 1);
  }
  return counts;
}

/** Goes through the log and names every DNI that two people held at the same time. */
function doubleHolders(people: readonly (readonly Change[])[]): string[] {
  const holders = new Map<string, number>();
  const faults: string[] = [];
  const changes = people.flat().sort((a, b) => (a.position < b.position ? -1 : 1));
  for (const { id, before, after } of changes) {
    if (before?.dni === after?.dni) continue;
    if (before && holders.get(before.dni) === id) holders.delete(before.dni);
    if (!after) continue;
    const holder = holders.get(after.dni);
    if (holder !== undefined && holder !== id) faults.push(`${after.dni} is held by ${holder} and ${id}`);
    holders.set(after.dni, id);
  }
  return faults;
}
