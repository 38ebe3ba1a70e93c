import { PadronError } from '../platform/padronError.ts';
import { NO_VERSION } from './codec.ts';
import { EventFault } from './eventFault.ts';
import type { RecordedEvent } from './eventStore.ts';
import { expectShape } from './shapes.ts';
import type { BookkeepingEvent, DomainEvent } from './types.ts';
import { UPCASTS, type Upcast, type Upcasts } from './upcasts.ts';

const FIRST_VERSION = 1;

/**
 * The schema version in which this padron writes events of a type. New versions ship readable first (as an upcast, with this one left as it is),
 * written a release later: so that the instances of both releases can work side by side.
 */
const WRITTEN: Record<(DomainEvent | BookkeepingEvent)['type'], number> = {
  PersonaRegistered: 1,
  PersonaProfileUpdated: 1,
  UserRegistered: 1,
  UserEdited: 1,
  UserRemoved: 1,
  IdAllocated: 1,
  ValueClaimed: 1,
  ReservationLapsed: 1,
  CommandBegun: 1,
  CommandSettled: 1,
  SettingsFixed: 1,
  EventSkipped: 2,
};

/** See WRITTEN. */
export const writtenVersion = (type: keyof typeof WRITTEN): number => WRITTEN[type];

/**
 * A subject's stored event as a domain event in its present shape, null for a lapsed reservation (it takes a revision, and stands in no
 * history). Throws UnknownEventError for a type or schema version that only a newer padron knows, EventFault for an event that
 * no padron can have written: its metadata or data lacks the shape that its type has.
 */
export function toDomainEvent(recorded: RecordedEvent, upcasts: Upcasts = UPCASTS): DomainEvent | null {
  const { type, metadata } = recorded;
  if (!(metadata.schemaVersion > NO_VERSION)) throw new EventFault('its metadata cannot be read');
  if (!Object.hasOwn(upcasts, type)) throw new UnknownEventError(recorded);
  const data = presentData(recorded, upcasts[type as keyof Upcasts]);
  if (type === 'ReservationLapsed') return null;
  expectShape(type as DomainEvent['type'], data);
  return { type, data } as DomainEvent;
}

/** An event's data in the present version of its type. Throws UnknownEventError for a version without a way there. */
export function presentData(recorded: RecordedEvent, steps: readonly Upcast[]): object {
  const { metadata } = recorded;
  const version = metadata.schemaVersion;
  const readable = FIRST_VERSION + steps.length;
  const isReadable = Number.isInteger(version) && version >= FIRST_VERSION && version <= readable;
  if (!isReadable) throw new UnknownEventError(recorded);
  let { data } = recorded;
  // Nearly every event is of the newest version: no list is made for it.
  if (version < readable)
    for (const upcast of steps.slice(version - FIRST_VERSION)) data = upcast(data, metadata);
  return data;
}

/** An event of a type or version that this padron does not know: the instance has to be upgraded, the event is fine. */
export class UnknownEventError extends PadronError {
  constructor({ stream, revision, type, metadata }: RecordedEvent) {
    super(
      `${stream}@${revision} is a ${type} of schema version ${metadata.schemaVersion}: upgrade this instance`,
    );
    this.name = 'UnknownEventError';
  }
}
