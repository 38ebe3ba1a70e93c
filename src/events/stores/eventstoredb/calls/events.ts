import type { AllStreamResolvedEvent, EventData, ResolvedEvent } from '@eventstore/db-client';
import type { NewEvent, Position, RecordedEvent } from '../../../eventStore.ts';
import { encodePayload, readableMetadata, storedData, UnreadableData } from '../../../codec.ts';

type Resolved = AllStreamResolvedEvent | ResolvedEvent;

/**
 * Converts events for the client. Throws TypeError for data or metadata that JSON cannot represent
 * (a bigint, a cycle): in the client the error would be lost in a promise that nothing awaits, and
 * the append would never settle.
 */
export function proposed(events: readonly NewEvent[]): EventData[] {
  if (events.length === 0) throw new TypeError('an append needs at least one event');
  return events.map(({ id, type, data, metadata }) => {
    for (const part of [data, metadata]) assertJson(part, type);
    if (data instanceof UnreadableData) {
      // Copied as it is stored.
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

/** The event in the port's shape; null for a link to a deleted event. */
export function recorded(resolved: Resolved): RecordedEvent | null {
  const { event } = resolved;
  if (!event) return null;
  const position = positionOf(resolved);
  if (position === null)
    throw new Error('EventStoreDB returned an event without a position: the server is older than 23.10');
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

/**
 * Commit and prepare positions are equal for everything written since multi-call transactions were
 * removed.
 */
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
    throw new TypeError(`an event ${type} has data or metadata that JSON cannot represent`, { cause });
  }
}
