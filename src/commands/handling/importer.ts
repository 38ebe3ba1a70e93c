import { type KeyObject, randomUUID } from 'node:crypto';
import type { Request } from '../command.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { eventsOf, type EventStore, type StreamAppend } from '../../events/eventStore.ts';
import { derivedUuid, hmacOf } from '../../events/identifiers.ts';
import { newEvent, notBefore, systemOrigin, type CommandOrigin } from '../../events/newEvent.ts';
import { subjectOf, subjectStream } from '../../events/streams.ts';
import type { DomainEvent } from '../../events/types.ts';
import { NOTHING_LOADED, type Aggregate, type Loaded, type UniqueValue } from '../../domain/aggregate.ts';
import { holds } from '../claims/reservations.ts';
import type { CommandSide } from './commandSide.ts';
import { isWhole, type ImportRecord } from './importRecord.ts';
import { createFloors } from '../loading/floors.ts';
import { persona, personaDni } from '../../domain/persona.ts';
import { user, userDni } from '../../domain/user.ts';
import { pauseBefore, readUntil, withDeadline } from '../loading/waits.ts';

/** Stored in place of a missing hash; no password matches it. */
const NO_PASSWORD = '!';

export type ImportOutcome =
  /** Stored by this call. */
  | 'imported'
  /** An earlier import stored the same record; it may have changed since. */
  | 'unchanged'
  /** An earlier import stored the same record; the subject was removed since. */
  | 'removed'
  /** The id belongs to a subject that did not come from this record. */
  | 'id-taken'
  | 'dni-taken'
  | 'cuenta-taken'
  /** The subject with this id was erased, and an import does not bring it back. */
  | 'erased'
  /** Other writers won every attempt. */
  | 'contention';

const MAX_ATTEMPTS = 8;

/** Registers subjects from another system, under the same rules as a registration over HTTP. */
export interface Importer {
  /**
   * Registers one record once: its event id is derived from its content, so repeating an import,
   * from the start or from where it stopped, stores nothing twice. A record without an id is found
   * again by its DNI. Rejects with EventStoreError if the store is unreachable or too slow.
   */
  importRecord(one: ImportRecord): Promise<ImportOutcome>;
  /**
   * Makes the keys of the subjects with these ids in one write, because single writes would cost
   * more than the records. Does nothing in a log without sealing. Errors as for importRecord.
   */
  prepareKeys(kind: ImportRecord['kind'], ids: readonly number[]): Promise<void>;
  /** Reserves all ids up to `id`. Call it before importing records that have them. */
  reserveIds(kind: ImportRecord['kind'], id: number): Promise<void>;
  /** All ids up to this one are reserved. Errors as for importRecord. */
  reservedUpTo(kind: ImportRecord['kind']): Promise<number>;
  /** Most records to import concurrently. Left out: as many as the caller likes. */
  readonly atOnce?: number;
}

/**
 * A server of events commits each append apart, and takes no more of them from more records at once. What these hold would
 * only live longer, and cost more to collect (docs/benchmarks-adapters.md).
 */
const MAX_AT_ONCE_ON_SERVER = 128;

export function createImporter({
  store,
  key,
  clock,
  commands: { repository, reservations, sequence },
  request,
  dayOf = (at) => new Date(at).toISOString().slice(0, 'YYYY-MM-DD'.length),
}: {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
  commands: CommandSide;
  /** The actor, reason and ids of the operation. Default: padron itself, without a reason. */
  request?: Pick<Request, 'actor' | 'requestId' | 'correlationId' | 'note'>;
  /** The day of an instant, for users without a registration date. Default: in UTC. */
  dayOf?: (at: number) => string;
}): Importer {
  const origin = request ? originOf(request) : systemOrigin(randomUUID());
  const note = request?.note ?? {};
  /**
   * Whether to assume that streams are new and skip reading them; the append itself checks. Two
   * reads per record took a third of an import's time.
   */
  let expectsNew = true;

  async function register<State>(
    aggregate: Aggregate<State>,
    event: DomainEvent,
    { stream, content, deadline }: Place,
  ): Promise<ImportOutcome> {
    const floors = createFloors();
    const id = eventIdOf(stream, content);
    const present = () =>
      readUntil(
        () => repository.fresh(aggregate, stream, { deadline }),
        ({ revision }) => revision >= floors.of(stream),
        { clock, deadline },
      );
    const [keyState] = (await store.sealing?.createKeys([stream], { deadline })) ?? [];
    if (keyState === 'erased') return 'erased';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 1) await pauseBefore(attempt - 1, { clock, deadline });
      const guesses = expectsNew && attempt === 0;
      const loaded = guesses ? NOTHING_LOADED : await present();
      if (loaded.began) return (await earlier(loaded, { stream, content, deadline })) ?? 'id-taken';
      const revision = loaded.revision + 1;
      const state = aggregate.evolve(null, event);
      const appends: StreamAppend[] = [];
      for (const value of state === null ? [] : aggregate.uniqueValues(state)) {
        const by = { owner: stream, revision, origin };
        const claim = guesses
          ? reservations.firstClaim(value, by)
          : await reservations.claim(aggregate, value, by, { deadline, floors });
        if (claim === 'taken') return `${value.member}-taken`;
        if (claim === 'contended') return 'contention';
        appends.push(claim);
      }
      const own = newEvent(id, event, origin, notBefore(clock.now(), loaded.occurredAt), note);
      appends.push({ stream, expected: loaded.revision, events: [own] });
      const result = await store.append(appends, { deadline });
      expectsNew = result.outcome === 'appended';
      if (result.outcome === 'appended') return 'imported';
      floors.raise(result.stream, result.actual);
    }
    return 'contention';
  }

  const eventIdOf = (stream: string, content: string): string =>
    derivedUuid('import', hmacOf(key, 'import', stream, content));

  /** The outcome if this stream comes from an earlier import of the same record, else null. */
  async function earlier(
    { state }: Pick<Loaded<unknown>, 'state'>,
    { stream, content, deadline }: Place,
  ): Promise<'unchanged' | 'removed' | null> {
    if ((await registeredBy(stream, deadline)) !== eventIdOf(stream, content)) return null;
    return state === null ? 'removed' : 'unchanged';
  }

  /** The id of the event that registered a subject; lapsed reservations may precede it. */
  async function registeredBy(stream: string, deadline: Deadline): Promise<string | null> {
    for await (const { id, type } of eventsOf(store, stream, 0, 100, { deadline })) {
      if (type !== 'ReservationLapsed') return id;
    }
    return null;
  }

  /**
   * Registers a record without an id, unless a subject that ever claimed its DNI comes from the same
   * record.
   */
  async function registerWithNewId<State>(
    aggregate: Aggregate<State>,
    value: UniqueValue,
    eventFor: (id: number) => DomainEvent,
    { content, deadline }: Omit<Place, 'stream'>,
  ): Promise<ImportOutcome> {
    let isHeld = false;
    for await (const stream of reservations.claimants(value, { deadline })) {
      if (!subjectOf(stream)) continue;
      const loaded = await repository.fresh(aggregate, stream, { deadline });
      const outcome = await earlier(loaded, { stream, content, deadline });
      if (outcome) return outcome;
      isHeld ||= holds(aggregate, loaded, value);
    }
    if (isHeld) return 'dni-taken';
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const id = await sequence.next(aggregate.kind, deadline);
      const stream = subjectStream(aggregate.kind, id);
      const outcome = await register(aggregate, eventFor(id), { stream, content, deadline });
      if (outcome !== 'id-taken') return outcome;
    }
    return 'contention';
  }

  async function importUser(
    record: (ImportRecord & { kind: 'user' })['record'],
    deadline: Deadline,
  ): Promise<ImportOutcome> {
    const content = JSON.stringify(record);
    const { IdUsuario: own, password, fechaalta } = record;
    const eventFor = (IdUsuario: number): DomainEvent => ({
      type: 'UserRegistered',
      data: isWhole(record)
        ? record
        : {
            ...record,
            IdUsuario,
            password: password ?? NO_PASSWORD,
            fechaalta: fechaalta ?? dayOf(Date.parse(clock.now())),
          },
    });
    if (own === null) return registerWithNewId(user, userDni(record.dni), eventFor, { content, deadline });
    return register(user, eventFor(own), { stream: subjectStream('user', own), content, deadline });
  }

  async function importPersona(
    record: (ImportRecord & { kind: 'persona' })['record'],
    deadline: Deadline,
  ): Promise<ImportOutcome> {
    const content = JSON.stringify(record);
    const { id: own, created_at } = record;
    const eventFor = (id: number): DomainEvent => ({
      type: 'PersonaRegistered',
      data: { ...record, id, created_at: created_at ?? clock.now() },
    });
    if (own === null)
      return registerWithNewId(persona, personaDni(record.dni), eventFor, { content, deadline });
    return register(persona, eventFor(own), { stream: subjectStream('persona', own), content, deadline });
  }

  return {
    importRecord: (one) =>
      withDeadline(undefined, (deadline) =>
        one.kind === 'user' ? importUser(one.record, deadline) : importPersona(one.record, deadline),
      ),
    prepareKeys: (kind, ids) =>
      withDeadline(undefined, async (deadline) => {
        const subjects = ids.map((id) => subjectStream(kind, id));
        await store.sealing?.createKeys(subjects, { deadline });
      }),
    reserveIds: (kind, id) => sequence.reach(kind, id),
    reservedUpTo: (kind) => sequence.last(kind),
    ...(store.atomic ? {} : { atOnce: MAX_AT_ONCE_ON_SERVER }),
  };
}

const originOf = ({
  actor,
  requestId,
  correlationId,
}: Pick<Request, 'actor' | 'requestId' | 'correlationId'>): CommandOrigin => ({
  actor,
  requestId,
  correlationId,
  commandId: randomUUID(),
});

/** The target of a record: its stream, the record as text, and the deadline. */
interface Place {
  stream: string;
  content: string;
  deadline: Deadline;
}
