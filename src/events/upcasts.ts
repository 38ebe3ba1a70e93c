import type { BookkeepingEvent, DomainEvent, EventMetadata } from './types.ts';

/** The data of one schema version in the shape of the next one. Pure; what is stored is never changed. */
export type Upcast = (older: object, metadata: EventMetadata) => object;

/** For each type of event in a subject's stream, the steps from version 1 to 2, from 2 to 3, and so on: there are as many as newer versions. */
export type Upcasts = Record<DomainEvent['type'] | 'ReservationLapsed', readonly Upcast[]>;

/** The same for the events that keep the books. */
export type BookkeepingUpcasts = Record<BookkeepingEvent['type'], readonly Upcast[]>;

/**
 * How what was written in an older shape is read today. Every type has had one version so far. With each new one, a sample of what was
 * written before stays in test/fixtures/events for good (docs/how-to/change-an-event.md).
 */
export const UPCASTS: Upcasts = {
  PersonaRegistered: [],
  PersonaProfileUpdated: [],
  UserRegistered: [],
  UserEdited: [],
  UserRemoved: [],
  ReservationLapsed: [],
};

export const BOOKKEEPING_UPCASTS: BookkeepingUpcasts = {
  IdAllocated: [],
  ValueClaimed: [],
  ReservationLapsed: [],
  CommandBegun: [],
  CommandSettled: [],
  SettingsFixed: [],
  EventSkipped: [withViewAndSubject],
};

/** Version 1 of EventSkipped named the view `projection` and the subject `stream`; its metadata had the reason. */
function withViewAndSubject(older: object, { reason }: EventMetadata): object {
  const { projection, stream, revision } = older as Record<string, unknown>;
  return { view: projection, subject: stream, revision, reason: reason ?? 'no reason given' };
}
