import type { DomainEvent } from './types.ts';

/** The data of one schema version in the shape of the next one. Pure; what is stored is never changed. */
export type Upcast = (older: object) => object;

/** For each type of event in a subject's stream, the steps from version 1 to 2, from 2 to 3, and so on: there are as many as newer versions. */
export type Upcasts = Record<DomainEvent['type'] | 'ReservationLapsed', readonly Upcast[]>;

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
