import { bookkeepingData } from './bookkeeping.ts';
import { eventsOf, type EventStore, type RecordedEvent } from './eventStore.ts';
import { SKIPS_STREAM, subjectOf } from './streams.ts';

/** Events that a view passes over because somebody said so, with a reason that is stored (contract, section 7). */
export interface Skips {
  /** Whether `view` passes over the event at this revision of the stream. */
  has(view: string, stream: string, revision: number): boolean;
}

export const NO_SKIPS: Skips = { has: () => false };

/** Every skip there is, as of now. Rejects with EventStoreError and UnknownEventError. */
export async function readSkips(store: Pick<EventStore, 'readStream'>): Promise<Skips> {
  const skipped = new Set<string>();
  for await (const recorded of eventsOf(store, SKIPS_STREAM)) {
    const { view, subject, revision } = bookkeepingData(recorded, 'EventSkipped');
    skipped.add(nameOf(view, subject, revision));
  }
  return { has: (view, stream, revision) => skipped.has(nameOf(view, stream, revision)) };
}

const nameOf = (view: string, stream: string, revision: number): string => `${view} ${stream} ${revision}`;

/** The ids of the subjects of which these events of the log skip an event in a view. Throws UnknownEventError. */
export function skippedIn({ name }: { name: string }, events: readonly RecordedEvent[]): number[] {
  const ids = new Set<number>();
  for (const recorded of events) {
    if (recorded.stream !== SKIPS_STREAM) continue;
    const { view, subject } = bookkeepingData(recorded, 'EventSkipped');
    const id = view === name ? subjectOf(subject)?.id : undefined;
    if (id !== undefined) ids.add(id);
  }
  return [...ids];
}
