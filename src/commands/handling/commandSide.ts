import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../platform/clock.ts';
import { createKnownSkips } from '../../events/bookkeeping/skips.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { createHandler, type Handle } from './handle.ts';
import { createIdempotencyKeys, type IdempotencyKeys } from '../claims/idempotencyKeys.ts';
import { createUniqueValueLookups, type UniqueValueLookups } from '../claims/uniqueValueLookups.ts';
import { createRepository, type Repository } from '../loading/repository.ts';
import { createReservations, type Reservations } from '../claims/reservations.ts';
import { createIdSequence, type IdSequence } from '../claims/idSequence.ts';

/** The parts of the write side, assembled over one event store. */
export interface CommandSide {
  handle: Handle;
  repository: Repository;
  lookups: UniqueValueLookups;
  reservations: Reservations;
  sequence: IdSequence;
  /** The records of Idempotency-Keys. */
  keys: IdempotencyKeys;
}

/** `key` names the reservation and key streams (see settingsKey). */
export function createCommandSide(deps: { store: EventStore; key: KeyObject; clock: Clock }): CommandSide {
  const repository = createRepository(deps.store, createKnownSkips(deps.store));
  const reservations = createReservations({ ...deps, repository });
  const lookups = createUniqueValueLookups({ repository, reservations });
  const keys = createIdempotencyKeys(deps);
  const sequence = createIdSequence(deps);
  const handle = createHandler({ ...deps, repository, reservations, lookups, keys, sequence });
  return { handle, repository, lookups, reservations, sequence, keys };
}
