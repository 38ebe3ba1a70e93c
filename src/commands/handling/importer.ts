import { type KeyObject, randomUUID } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { eventsOf, type EventStore, type StreamAppend } from '../../events/eventStore.ts';
import { derivedUuid, hmacOf } from '../../events/identifiers.ts';
import { newEvent, notBefore, systemOrigin } from '../../events/newEvent.ts';
import { subjectStream } from '../../events/streams.ts';
import type { DomainEvent, PersonaRecord, UserRecord } from '../../events/types.ts';
import { NOTHING_LOADED, type Aggregate } from '../../domain/aggregate.ts';
import type { CommandSide } from './commandSide.ts';
import { createFloors } from '../loading/floors.ts';
import { persona } from '../../domain/persona.ts';
import { user } from '../../domain/user.ts';
import { pauseBefore, readUntil, withDeadline } from '../loading/waits.ts';

/** A record imported with its own id. */
export type ImportRecord = { kind: 'persona'; record: PersonaRecord } | { kind: 'user'; record: UserRecord };

export type ImportOutcome =
  /** Stored by this call. */
  | 'imported'
  /** Stored by an earlier import of the same record, whatever happened to it since. */
  | 'unchanged'
  /** The id belongs to a subject that did not come from this record. */
  | 'id-taken'
  | 'dni-taken'
  | 'cuenta-taken'
  /** Other writers won every attempt. */
  | 'contention';

const MAX_ATTEMPTS = 8;

/** Registers subjects from another system, under the same rules as a registration over HTTP. */
export interface Importer {
  /**
   * Registers one record once: its event id is derived from its content, so repeating an import,
   * from the start or from where it stopped, stores nothing twice. Rejects with EventStoreError if
   * the store is unreachable or too slow.
   */
  importRecord(one: ImportRecord): Promise<ImportOutcome>;
  /** Reserves all ids up to `id`. Call it before importing records that have them. */
  reserveIds(kind: ImportRecord['kind'], id: number): Promise<void>;
}

export function createImporter({
  store,
  key,
  clock,
  commands: { repository, reservations, sequence },
}: {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
  commands: CommandSide;
}): Importer {
  const origin = systemOrigin(randomUUID());
  /**
   * Whether to assume that streams are new and skip reading them; the append itself checks. Two
   * reads per record took a third of an import's time.
   */
  let expectsNew = true;

  async function register<State>(
    aggregate: Aggregate<State>,
    event: DomainEvent,
    stream: string,
    deadline: Deadline,
  ): Promise<ImportOutcome> {
    const floors = createFloors();
    const id = derivedUuid('import', hmacOf(key, 'import', stream, JSON.stringify(event.data)));
    const present = () =>
      readUntil(
        () => repository.fresh(aggregate, stream, { deadline }),
        ({ revision }) => revision >= floors.of(stream),
        { clock, deadline },
      );
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 1) await pauseBefore(attempt - 1, { clock, deadline });
      const guesses = expectsNew && attempt === 0;
      const loaded = guesses ? NOTHING_LOADED : await present();
      if (loaded.began) return (await registeredBy(stream, deadline)) === id ? 'unchanged' : 'id-taken';
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
      const own = newEvent(id, event, origin, notBefore(clock.now(), loaded.occurredAt));
      appends.push({ stream, expected: loaded.revision, events: [own] });
      const result = await store.append(appends, { deadline });
      expectsNew = result.outcome === 'appended';
      if (result.outcome === 'appended') return 'imported';
      floors.raise(result.stream, result.actual);
    }
    return 'contention';
  }

  /** The id of the event that registered a subject; lapsed reservations may precede it. */
  async function registeredBy(stream: string, deadline: Deadline): Promise<string | null> {
    for await (const { id, type } of eventsOf(store, stream, 0, 100, { deadline })) {
      if (type !== 'ReservationLapsed') return id;
    }
    return null;
  }

  return {
    importRecord: ({ kind, record }) =>
      withDeadline(undefined, (deadline) => {
        if (kind === 'user') {
          const event: DomainEvent = { type: 'UserRegistered', data: record };
          return register(user, event, subjectStream('user', record.IdUsuario), deadline);
        }
        const event: DomainEvent = { type: 'PersonaRegistered', data: record };
        return register(persona, event, subjectStream('persona', record.id), deadline);
      }),
    reserveIds: (kind, id) => sequence.reach(kind, id),
  };
}
