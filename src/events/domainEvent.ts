import type { RecordedEvent } from './eventStore.ts';
import type { DomainEvent } from './types.ts';

/** The newest schema version of each event type that this padron can read. New ones ship readable first, written later. */
const READABLE: Record<DomainEvent['type'] | 'ReservationLapsed', number> = {
  PersonaRegistered: 1,
  PersonaProfileUpdated: 1,
  UserRegistered: 1,
  UserEdited: 1,
  UserRemoved: 1,
  ReservationLapsed: 1,
};

/** The schema version that this padron writes. */
export const SCHEMA_VERSION = 1;

/**
 * A subject's stored event as a domain event, null for a lapsed reservation (it takes a revision, and stands in no history).
 * Throws UnknownEventError for a type or schema version that only a newer padron knows.
 */
export function toDomainEvent(recorded: RecordedEvent): DomainEvent | null {
  const readable = (READABLE as Partial<Record<string, number>>)[recorded.type];
  if (readable === undefined || recorded.metadata.schemaVersion > readable) {
    throw new UnknownEventError(recorded);
  }
  if (recorded.type === 'ReservationLapsed') return null;
  return { type: recorded.type, data: recorded.data } as DomainEvent;
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
