import { randomUUID, type KeyObject } from 'node:crypto';
import { timeOrderedId } from '../../src/platform/timeOrderedId.ts';
import { createIdSequence } from '../../src/commands/claims/idSequence.ts';
import { personaCuenta, personaDni } from '../../src/domain/persona.ts';
import { userDni } from '../../src/domain/user.ts';
import type { UniqueValue } from '../../src/domain/aggregate.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { hmacOf } from '../../src/events/identifiers.ts';
import { newEvent } from '../../src/events/newEvent.ts';
import { settingsKey } from '../../src/events/bookkeeping/settings.ts';
import { openEventLog, type EventLog } from '../../src/events/stores/sqlite/log/eventLog.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { reservationStream, subjectStream, type SubjectKind } from '../../src/events/streams.ts';
import type { DomainEvent, PersonaRecord, UserRecord, ValueClaimed } from '../../src/events/types.ts';
import type { EventCodec } from '../../src/events/eventCodec.ts';
import type { NewEvent, StreamAppend } from '../../src/events/eventStore.ts';
import { transaction, type Database } from '../../src/platform/sqlite/sqlite.ts';
import { sealedStore } from '../../src/sealing/opening/sealedStore.ts';
import { keyPlaceIn, madeUpSeals } from './madeUpKeys.ts';
import { editBody, HASH } from './people.ts';

/** Events per transaction. */
const AT_ONCE = 20_000;
const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z');

/** The DNI of the nth person and of the nth user. They may share it, because a DNI is unique per kind. */
export const madeUpDni = (id: number): string => `${10_000_000 + id}`;
export const madeUpCuenta = (id: number): string => `cuenta-${id}`;

/** What to write. */
export interface MadeUpLog {
  events: number;
  people: number;
  /** Further events after those, all of the first person. */
  longest?: number;
  /** The kinds of subjects, in turn. Default: a person, a user. */
  kinds?: readonly SubjectKind[];
  /** Makes keys in this folder and seals the log with them. Default: in clear text. */
  sealedIn?: string;
}

/**
 * Writes a log of `events` about `people` subjects, half of them persons and half users. Bypasses the commands, but leaves the log as they
 * would, with claims and ids (which do not count as `events`). First everyone is registered, then subjects change two members at a time, in a
 * reproducible pseudo-random order.
 */
export async function writeMadeUpLog(file: string, wanted: MadeUpLog): Promise<void> {
  const { events, people, longest = 0, kinds = ['persona', 'user'], sealedIn } = wanted;
  const key = await begin(file, wanted);
  const subjects = Array.from({ length: people }, (_, n) => placeOf(kinds, n));
  const codec = sealedIn === undefined ? CLEAR : await madeUpSeals(sealedIn, subjects.map(streamOf));
  const log = sealedLog(openEventLog(file, 'write in bulk'), codec);
  const revisions = new Int32Array(people).fill(-1);
  const chance = looksRandom();
  for (let done = 0; done < events;) {
    transaction(log.db, () => {
      for (let n = 0; n < AT_ONCE && done < events; n += 1, done += 1) {
        const subject = done < people ? done : chance(people);
        const revision = (revisions[subject] ?? -1) + 1;
        revisions[subject] = revision;
        writeEvent(log, key, { ...placeOf(kinds, subject), revision, n: done });
      }
    });
  }
  for (let added = 0; added < longest;) {
    transaction(log.db, () => {
      for (let n = 0; n < AT_ONCE && added < longest; n += 1, added += 1) {
        const revision = (revisions[0] ?? -1) + 1;
        revisions[0] = revision;
        writeEvent(log, key, { ...placeOf(kinds, 0), revision, n: events + added });
      }
    });
  }
  log.db.close();
}

/** The log that is being written. */
interface Writing {
  db: Database;
  insert(stream: string, revision: number, event: NewEvent): void;
}

function sealedLog(log: EventLog, codec: EventCodec): Writing {
  return {
    db: log.db,
    insert(stream, revision, event) {
      const [sealed] = codec.encode([{ stream, expected: revision - 1, events: [event] }]) as StreamAppend[];
      const [{ id, type, data, metadata }] = sealed?.events as [NewEvent];
      const [dataText, metadataText] = [JSON.stringify(data), JSON.stringify(metadata)];
      log.insert(stream, revision, { id, type, data: dataText, metadata: metadataText });
    },
  };
}

const CLEAR: EventCodec = { encode: (appends) => appends, decode: (events) => events };

/** The nth subject. */
const placeOf = (kinds: readonly SubjectKind[], n: number): Pick<Place, 'kind' | 'id'> => ({
  kind: kinds[n % kinds.length] ?? 'persona',
  id: Math.floor(n / kinds.length) + 1,
});
const streamOf = ({ kind, id }: Pick<Place, 'kind' | 'id'>): string => subjectStream(kind, id);

async function begin(file: string, { people, sealedIn }: MadeUpLog): Promise<KeyObject> {
  const stored = openSqliteEventStore({ file });
  const store = sealedIn === undefined ? stored : sealedStore(stored, keyPlaceIn(sealedIn));
  const key = await settingsKey({ store, clock: systemClock }, null);
  const sequence = createIdSequence({ store, clock: systemClock });
  await sequence.reach('persona', people);
  await sequence.reach('user', people);
  await store.close();
  return key;
}

/** A linear congruential generator (constants of Numerical Recipes). */
function looksRandom(): (below: number) => number {
  let state = 12_345;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface Place {
  kind: SubjectKind;
  id: number;
  revision: number;
  /** The event's number in the log. */
  n: number;
}

function writeEvent(log: Writing, key: KeyObject, place: Place): void {
  const { kind, id, revision } = place;
  const owner = subjectStream(kind, id);
  if (revision === 0) {
    for (const { space, value } of valuesOf(kind, id)) {
      const claim: ValueClaimed = { type: 'ValueClaimed', data: { owner, revision: 0 } };
      insert(log, reservationStream(hmacOf(key, space, value)), 0, claim, place.n);
    }
  }
  insert(log, owner, revision, kind === 'user' ? ofUser(place) : ofPersona(place), place.n);
}

const valuesOf = (kind: SubjectKind, id: number): UniqueValue[] =>
  kind === 'user' ? [userDni(madeUpDni(id))] : [personaDni(madeUpDni(id)), personaCuenta(madeUpCuenta(id))];

function insert(
  log: Writing,
  stream: string,
  revision: number,
  event: DomainEvent | ValueClaimed,
  n: number,
): void {
  const at = FIRST_DAY + n * 1_000;
  const requestId = timeOrderedId(at);
  const origin = {
    actor: { account: `account-${n % 20}`, role: 'admin' },
    requestId,
    correlationId: requestId,
    commandId: requestId,
  };
  const occurredAt = new Date(at).toISOString();
  log.insert(stream, revision, newEvent(randomUUID(), event, origin, occurredAt));
}

function ofUser({ id, revision, n }: Place): DomainEvent {
  if (revision > 0) {
    const changes = {
      telefono: { from: `6${n - 1}`, to: `6${n}` },
      direccion: { from: `Calle Mayor ${n - 1}`, to: `Calle Mayor ${n}` },
    };
    return { type: 'UserEdited', data: { changes } };
  }
  const data: UserRecord = {
    ...editBody({ dni: madeUpDni(id), telefono: '600000000' }),
    fechabaja: null,
    socio: 'Socio',
    IdUsuario: id,
    password: HASH,
    isVerified: true,
    verificationCode: null,
    verificationExpires: null,
  };
  return { type: 'UserRegistered', data };
}

function ofPersona({ id, revision, n }: Place): DomainEvent {
  if (revision > 0) {
    const changes = {
      telefono: { from: `+${n - 1}`, to: `+${n}` },
      foto_url: { from: null, to: `https://example.com/photos/${n}.jpg` },
    };
    return { type: 'PersonaProfileUpdated', data: { changes } };
  }
  const data: PersonaRecord = {
    id,
    nombres: 'María',
    apellidos: 'García López',
    telefono: '600000000',
    dni: madeUpDni(id),
    foto_url: null,
    cuenta: madeUpCuenta(id),
    created_at: '2024-03-01T08:00:00.000Z',
  };
  return { type: 'PersonaRegistered', data };
}
