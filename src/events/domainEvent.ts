import type { RecordedEvent } from './eventStore.ts';
import type { DomainEvent } from './types.ts';
import { UPCASTS, type Upcasts } from './upcasts.ts';

/** The schema version of events that have had no other one yet; bookkeeping events so far. */
const FIRST_VERSION = 1;

/**
 * The schema version in which this padron writes events of a type. New versions ship readable first (as an upcast, with this one left as it is),
 * written a release later: so that the instances of both releases can work side by side.
 */
const WRITTEN: Record<DomainEvent['type'], number> = {
  PersonaRegistered: 1,
  PersonaProfileUpdated: 1,
  UserRegistered: 1,
  UserEdited: 1,
  UserRemoved: 1,
};

/** See WRITTEN. */
export const writtenVersion = (type: string): number =>
  (WRITTEN as Partial<Record<string, number>>)[type] ?? FIRST_VERSION;

/**
 * A subject's stored event as a domain event in its present shape, null for a lapsed reservation (it takes a revision, and stands in no
 * history). Throws UnknownEventError for a type or schema version that only a newer padron knows.
 */
export function toDomainEvent(recorded: RecordedEvent, upcasts: Upcasts = UPCASTS): DomainEvent | null {
  const { type, metadata } = recorded;
  if (!Object.hasOwn(upcasts, type)) throw new UnknownEventError(recorded);
  const steps = upcasts[type as keyof Upcasts];
  const version = metadata.schemaVersion;
  const readable = FIRST_VERSION + steps.length;
  if (!(version >= FIRST_VERSION && version <= readable)) throw new UnknownEventError(recorded);
  if (type === 'ReservationLapsed') return null;
  let { data } = recorded;
  // Nearly every event is of the newest version: no list is made for it.
  if (version < readable) for (const upcast of steps.slice(version - FIRST_VERSION)) data = upcast(data);
  return { type, data } as DomainEvent;
}

/** An event of a type or version that this padron does not know: the instance has to be upgraded, the event is fine. */
export class UnknownEventError extends Error {
  constructor({ stream, revision, type, metadata }: RecordedEvent) {
    super(
      `${stream}@${revision} is a ${type} of schema version ${metadata.schemaVersion}: upgrade this instance`,
    );
    this.name = 'UnknownEventError';
  }
}
