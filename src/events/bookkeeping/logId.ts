import type { EventStore } from '../eventStore.ts';
import { SETTINGS_STREAM } from '../streams.ts';

/**
 * Identifies a log by the id of its first settings event, which every log has from its first start
 * and keeps in copies and backups. Null for an empty log. Rejects with EventStoreError.
 */
export async function logIdOf(store: Pick<EventStore, 'readStream'>): Promise<string | null> {
  const [first] = await store.readStream(SETTINGS_STREAM, { limit: 1 });
  return first?.id ?? null;
}
