import type { BookkeepingEvent, EventMetadata, HistoryEvent } from './types.ts';

/** Converts the data of one schema version to the next. Pure; stored events are never changed. */
export type Upcast = (older: object, metadata: EventMetadata) => object;

/** Per event type in a subject's stream, the steps from version 1 to 2, from 2 to 3, and so on. */
export type Upcasts = Record<HistoryEvent['type'] | 'ReservationLapsed', readonly Upcast[]>;

/** The same for bookkeeping events. */
export type BookkeepingUpcasts = Record<BookkeepingEvent['type'], readonly Upcast[]>;

/**
 * Conversions of older stored shapes. Every type has had one version so far. With each new one, a
 * sample of the older shape stays in test/fixtures/events for good
 * (docs/how-to/change-an-event.md).
 */
export const UPCASTS: Upcasts = {
  PersonaRegistered: [],
  PersonaProfileUpdated: [],
  UserRegistered: [],
  UserEdited: [],
  UserRemoved: [],
  SubjectErased: [],
  ReservationLapsed: [],
};

export const BOOKKEEPING_UPCASTS: BookkeepingUpcasts = {
  IdAllocated: [],
  ValueClaimed: [],
  ReservationLapsed: [],
  CommandBegun: [],
  CommandSettled: [],
  SettingsFixed: [withoutSealing],
  EventSkipped: [withViewAndSubject],
  RollFixed: [],
  RollNamed: [],
};

/**
 * Version 1 of EventSkipped named the view `projection` and the subject `stream`; its metadata had
 * the reason.
 */
function withViewAndSubject(older: object, { reason }: EventMetadata): object {
  const { projection, stream, revision } = older as Record<string, unknown>;
  return { view: projection, subject: stream, revision, reason: reason ?? 'no reason given' };
}

/** Version 1 of SettingsFixed is of logs in clear. */
function withoutSealing(older: object): object {
  return { ...older, sealedBy: null };
}
