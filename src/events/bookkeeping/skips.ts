import { bookkeepingData } from './bookkeeping.ts';
import { eventsOf, type CallOptions, type EventStore, type RecordedEvent } from '../eventStore.ts';
import { SKIPS_STREAM, subjectOf } from '../streams.ts';

/** Events per read. */
const PAGE = 500;

/** Events that a view skips by an operator's decision, stored with a reason. */
export interface Skips {
  /** Whether `view` skips the event at this revision of the stream. */
  has(view: string, stream: string, revision: number): boolean;
}

export const NO_SKIPS: Skips = { has: () => false };

/** All skips stored so far. Rejects with EventStoreError and UnknownEventError. */
export async function readSkips(
  store: Pick<EventStore, 'readStream'>,
  options: CallOptions = {},
): Promise<Skips> {
  const skips = createKnownSkips(store);
  await skips.refresh(options);
  return skips;
}

/** The skips read so far. */
export interface KnownSkips extends Skips {
  /** Whether any view skips an event of this stream. */
  concern(stream: string): boolean;
  /**
   * Reads newly stored skips; resolves with the streams of their subjects, including those that an
   * earlier call had read when it failed. Errors as for readSkips.
   */
  refresh(options?: CallOptions): Promise<string[]>;
}

export const NO_KNOWN_SKIPS: KnownSkips = {
  ...NO_SKIPS,
  concern: () => false,
  refresh: async () => [],
};

export function createKnownSkips(store: Pick<EventStore, 'readStream'>): KnownSkips {
  const skipped = new Set<string>();
  const concerned = new Set<string>();
  let unreported: string[] = [];
  let next = 0;
  return {
    has: (view, stream, revision) => skipped.size > 0 && skipped.has(nameOf(view, stream, revision)),
    concern: (stream) => concerned.has(stream),
    async refresh(options = {}) {
      for await (const recorded of eventsOf(store, SKIPS_STREAM, next, PAGE, options)) {
        const { view, subject, revision } = bookkeepingData(recorded, 'EventSkipped');
        skipped.add(nameOf(view, subject, revision));
        concerned.add(subject);
        unreported.push(subject);
        next = Math.max(next, recorded.revision + 1);
      }
      const streams = unreported;
      unreported = [];
      return streams;
    },
  };
}

const nameOf = (view: string, stream: string, revision: number): string => `${view} ${stream} ${revision}`;

/**
 * The ids of the subjects for which these events skip an event in the view. Throws
 * UnknownEventError.
 */
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
