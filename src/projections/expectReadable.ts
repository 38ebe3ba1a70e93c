import { toDomainEvent } from '../events/domainEvent.ts';
import type { EventStore, Position } from '../events/eventStore.ts';

/**
 * Throws UnknownEventError where one of the `limit` events behind a checkpoint is in a stream that is taken and can only be read by a newer padron: a view that
 * stands before it would be waited for in vain. Rejects with EventStoreError.
 */
export async function expectReadable(
  store: Pick<EventStore, 'readAll'>,
  after: Position | null,
  { limit, isTaken }: { limit: number; isTaken(stream: string): boolean },
): Promise<void> {
  for (const event of await store.readAll(after, limit)) if (isTaken(event.stream)) toDomainEvent(event);
}
