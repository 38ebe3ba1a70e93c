import { PadronError } from '../platform/padronError.ts';
import { BOOKKEEPING_EVENTS, expectShape, HISTORY_EVENTS, type Upcast, type Upcasts } from './catalogue.ts';
import { ErasedData, NO_VERSION } from './codec.ts';
import { EventFault } from './eventErrors.ts';
import type { RecordedEvent } from './eventStore.ts';
import type { HistoryEvent, ReadEvent } from './types.ts';

const FIRST_VERSION = 1;

/**
 * Converts a subject's stored event to a domain event in its current shape; null for a lapsed
 * reservation, which occupies a revision but is not part of the history. Throws UnknownEventError
 * for a type or schema version of a newer padron, and EventFault for an event that no padron can
 * have written: its metadata or data lacks the shape of its type.
 */
export function toDomainEvent(
  recorded: RecordedEvent,
  events: Upcasts<HistoryEvent['type']> = HISTORY_EVENTS,
): ReadEvent | null {
  const { type, metadata } = recorded;
  // An event that lapsed a reservation says nothing about the person.
  if (recorded.data instanceof ErasedData) {
    return type === 'ReservationLapsed' ? null : { type: 'Erased', data: { was: type } };
  }
  if (!(metadata.schemaVersion > NO_VERSION)) throw new EventFault('its metadata cannot be read');
  if (type === 'ReservationLapsed') {
    presentData(recorded, BOOKKEEPING_EVENTS[type].upcasts);
    return null;
  }
  if (!isKnown(type, events)) throw new UnknownEventError(recorded);
  const data = presentData(recorded, events[type].upcasts);
  expectShape(type, data);
  return { type, data } as HistoryEvent;
}

const isKnown = (type: string, events: object): type is HistoryEvent['type'] => Object.hasOwn(events, type);

/**
 * An event's data, upcast to the current version of its type. Throws UnknownEventError for an
 * unknown version.
 */
export function presentData(recorded: RecordedEvent, steps: readonly Upcast[]): object {
  const { metadata } = recorded;
  const version = metadata.schemaVersion;
  const readable = FIRST_VERSION + steps.length;
  const isReadable = Number.isInteger(version) && version >= FIRST_VERSION && version <= readable;
  if (!isReadable) throw new UnknownEventError(recorded);
  let { data } = recorded;
  // Most events have the newest version and need no list.
  if (version < readable)
    for (const upcast of steps.slice(version - FIRST_VERSION)) data = upcast(data, metadata);
  return data;
}

/**
 * An event of a type or version that this padron does not know: the event is fine, the instance
 * needs an upgrade.
 */
export class UnknownEventError extends PadronError {
  constructor({ stream, revision, type, metadata }: RecordedEvent) {
    super(
      `${stream}@${revision} is a ${type} of schema version ${metadata.schemaVersion}: upgrade this instance`,
    );
  }
}
