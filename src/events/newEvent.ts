import { writtenVersion } from './catalogue.ts';
import type { NewEvent } from './eventStore.ts';
import {
  SYSTEM_ACTOR,
  type Actor,
  type BookkeepingEvent,
  type HistoryEvent,
  type EventMetadata,
} from './types.ts';

/** What all events of one command share. */
export interface CommandOrigin {
  actor: Actor;
  requestId: string;
  correlationId: string;
  commandId: string;
}

/** The origin of the service's own events. */
export const systemOrigin = (id: string): CommandOrigin => ({
  actor: SYSTEM_ACTOR,
  requestId: id,
  correlationId: id,
  commandId: id,
});

/**
 * An event ready to be appended. `occurredAt` is an RFC 3339 instant in UTC; `note` holds the
 * reason, if given.
 */
export function newEvent(
  id: string,
  { type, data }: HistoryEvent | BookkeepingEvent,
  { actor, requestId, correlationId, commandId }: CommandOrigin,
  occurredAt: string,
  note: Pick<EventMetadata, 'reason' | 'revertTo'> = {},
): NewEvent {
  const metadata: EventMetadata = {
    actor,
    requestId,
    commandId,
    schemaVersion: writtenVersion(type),
    occurredAt,
    ...note,
    $correlationId: correlationId,
    $causationId: commandId,
  };
  return { id, type, data, metadata };
}

/**
 * `now`, or the previous event's instant if the clock went back: a stream's instants never
 * decrease.
 */
export const notBefore = (now: string, previous: string | null): string =>
  previous !== null && previous > now ? previous : now;
