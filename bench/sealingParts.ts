import { createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EventCodec } from '../src/events/eventCodec.ts';
import type { NewEvent, RecordedEvent, StreamAppend } from '../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../src/events/newEvent.ts';
import type { UserRecord } from '../src/events/types.ts';
import { createKeyring } from '../src/sealing/keyring.ts';
import { masterKey } from '../src/sealing/masterKeys.ts';
import { sealerWith } from '../src/sealing/sealer.ts';
import { sealingCodec } from '../src/sealing/sealingCodec.ts';
import { openSqliteKeyStore } from '../src/sealing/stores/sqliteKeyStore.ts';
import { userLine } from './support/people.ts';
import { temporaryFolder } from './support/servers.ts';

/**
 * The parts of sealing, measured separately: making a key, sealing what an import stores of a person, opening it
 * with the key in memory, and opening it after looking the key up. The best round is the one that other work on the machine disturbed least.
 */

const PEOPLE = 1_000;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 40);

/** Prints the table: microseconds a person. */
export async function benchSealingParts(): Promise<void> {
  const folder = temporaryFolder();
  const rounds = new Map<string, number[]>();
  async function timed<T>(part: string, work: () => T): Promise<Awaited<T>> {
    const start = performance.now();
    const result = await work();
    const each = ((performance.now() - start) * 1_000) / PEOPLE;
    rounds.set(part, [...(rounds.get(part) ?? []), each]);
    return result;
  }
  for (let round = 0; round < ROUNDS; round += 1) await measure(join(folder, `keys-${round}.db`), timed);
  console.log(`Parts of sealing, ${PEOPLE} people, ${ROUNDS} rounds`);
  console.log('us a person                      best  quartile    median');
  for (const [part, each] of rounds) {
    const sorted = each.sort((one, other) => one - other);
    const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(1);
    console.log(`${part.padEnd(27)} ${at(0).padStart(9)} ${at(0.25).padStart(9)} ${at(0.5).padStart(9)}`);
  }
}

type Timed = <T>(part: string, work: () => T) => Promise<Awaited<T>>;

async function measure(file: string, timed: Timed): Promise<void> {
  const store = openSqliteKeyStore({ file });
  const masters = { present: masterKey(createSecretKey(randomBytes(32))), previous: null };
  const keyring = createKeyring({ store, masters });
  const codec = sealingCodec(sealerWith(keyring));
  const people = Array.from({ length: PEOPLE }, (_, n) => appendsOf(n + 1));

  await timed('making keys', () => Promise.all(people.map((_, n) => keyring.create([`user-${n + 1}`]))));
  const sealed = await timed('sealing two events', () => people.map((appends) => sealedBy(codec, appends)));
  const events = sealed.map((appends, n) => recorded(appends[1] as StreamAppend, n));
  await timed('opening an event', () => codec.decode(events));
  const cold = sealingCodec(sealerWith(createKeyring({ store, masters })));
  await timed('opening, key looked up', () => cold.decode(events));
  await store.close();
}

/** With the key in memory, the codec answers at once. */
function sealedBy(codec: EventCodec, appends: readonly StreamAppend[]): readonly StreamAppend[] {
  const encoded = codec.encode(appends);
  if (encoded instanceof Promise) throw new Error('a key was not in memory');
  return encoded;
}

/** What an import stores of the nth user: the claim of the DNI, and the registration. */
function appendsOf(n: number): StreamAppend[] {
  const origin = systemOrigin(randomUUID());
  const owner = `user-${n}`;
  const event = (one: Parameters<typeof newEvent>[1]): NewEvent =>
    newEvent(randomUUID(), one, origin, '2026-01-01T00:00:00.000Z');
  const data = JSON.parse(userLine(n)) as UserRecord;
  return [
    {
      stream: `dni-${n}`,
      expected: -1,
      events: [event({ type: 'ValueClaimed', data: { owner, revision: 0 } })],
    },
    { stream: owner, expected: -1, events: [event({ type: 'UserRegistered', data })] },
  ];
}

/** The event as a store would return it. */
function recorded({ stream, events }: StreamAppend, n: number): RecordedEvent {
  const { data, ...event } = events[0] as NewEvent;
  return {
    ...event,
    data: JSON.parse(JSON.stringify(data)) as object,
    stream,
    revision: 0,
    position: BigInt(n),
  };
}
