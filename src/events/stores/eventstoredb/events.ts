import type { AllStreamResolvedEvent, EventData, ResolvedEvent } from '@eventstore/db-client';
import type { NewEvent, Position, RecordedEvent } from '../../eventStore.ts';
import { encodePayload, readableMetadata, storedData, UnreadableData } from '../../codec.ts';

type Resolved = AllStreamResolvedEvent | ResolvedEvent;

/**
 * Events as the client takes them. Throws TypeError for data or metadata that JSON cannot hold (a bigint, a cycle): the
 * client would find out in a promise that nobody awaits, and the append would never settle.
 */
export function proposed(events: readonly NewEvent[]): EventData[] {
  if (events.length === 0) throw new TypeError('an append needs at least one event');
  return events.map(({ id, type, data, metadata }) => {
    for (const part of [data, metadata]) assertJson(part, type);
    if (data instanceof UnreadableData) {
      // As it is stored where it is copied from.
      const bytes = Buffer.from(data.text);
      return { id, type, contentType: 'application/octet-stream', data: bytes, metadata: { ...metadata } };
    }
    return {
      id,
      type,
      contentType: 'application/json',
      data: data as Record<string, unknown>,
      metadata: { ...metadata },
    };
  });
}

/** The event as the port gives it; null for a link whose event is gone. */
export function recorded(resolved: Resolved): RecordedEvent | null {
  const { event } = resolved;
  if (!event) return null;
  const position = positionOf(resolved);
  if (position === null) throw new Error('events without a position: the server is older than 23.10');
  return {
    id: event.id,
    type: event.type,
    data: storedData(event.data),
    metadata: readableMetadata(event.metadata),
    stream: event.streamId,
    revision: Number(event.revision),
    position,
  };
}

/** Commit and prepare are the same for all that is written since transactions over several calls are gone. */
export const positionOf = (resolved: Resolved): Position | null =>
  resolved.event?.position?.commit ?? resolved.commitPosition ?? null;

export const atPosition = (position: Position): { commit: bigint; prepare: bigint } => ({
  commit: position,
  prepare: position,
});

function assertJson(value: object, type: string): void {
  try {
    encodePayload(value);
  } catch (cause) {
    throw new TypeError(`an event ${type} holds what JSON cannot`, { cause });
  }
}
