import { eventsOf, type EventStore } from '../events/eventStore.ts';
import { SKIPS_STREAM } from '../events/streams.ts';
import type { EventSkipped } from '../events/types.ts';

/** Events that a view passes over because somebody said so, with a reason that is stored (contract, section 7). */
export interface Skips {
  /** Whether `view` passes over the event at this revision of the stream. */
  has(view: string, stream: string, revision: number): boolean;
}

export const NO_SKIPS: Skips = { has: () => false };

/** Every skip there is, as of now. Rejects with EventStoreError. */
export async function readSkips(store: Pick<EventStore, 'readStream'>): Promise<Skips> {
  const skipped = new Set<string>();
  for await (const { data } of eventsOf(store, SKIPS_STREAM)) {
    const { projection, stream, revision } = data as EventSkipped['data'];
    skipped.add(nameOf(projection, stream, revision));
  }
  return { has: (view, stream, revision) => skipped.has(nameOf(view, stream, revision)) };
}

const nameOf = (view: string, stream: string, revision: number): string => `${view} ${stream} ${revision}`;
