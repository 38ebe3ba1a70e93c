import { toDomainEvent } from '../../events/domainEvent.ts';
import type { EventStore, Position, RecordedEvent } from '../../events/eventStore.ts';
import { bookkeepingData } from '../../events/bookkeeping/bookkeeping.ts';
import { EventFault } from '../../events/eventErrors.ts';
import { SKIPS_STREAM } from '../../events/streams.ts';

/**
 * Throws UnknownEventError if one of the `limit` events after a checkpoint is in a taken stream and
 * only a newer padron can read it: waiting for a view that stops there would be in vain. Rejects
 * with EventStoreError.
 */
export async function assertReadable(
  store: Pick<EventStore, 'readAll'>,
  after: Position | null,
  { limit, isTaken }: { limit: number; isTaken(stream: string): boolean },
): Promise<void> {
  for (const event of await store.readAll(after, limit)) if (isTaken(event.stream)) read(event);
}

function read(event: RecordedEvent): void {
  try {
    if (event.stream === SKIPS_STREAM) bookkeepingData(event, 'EventSkipped');
    else toDomainEvent(event);
  } catch (error) {
    // A malformed event does not stop a view.
    if (!(error instanceof EventFault)) throw error;
  }
}
