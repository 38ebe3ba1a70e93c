import { createHash, type Hash } from 'node:crypto';
import { EventStoreError } from '../../events/eventErrors.ts';
import type { EventStore, Position, RecordedEvent, StreamAppend } from '../../events/eventStore.ts';

/** Events per read, in both logs. */
const PAGE = 1_000;
/**
 * Events and streams per append: far below the server's 1 MiB per stream, and within its deadline.
 */
const MAX_APPEND = 100;
const MAX_APPEND_BYTES = 512 * 1_024;
/** Appends without an answer yet, to a store that is not atomic over streams. */
const MAX_UNANSWERED = 64;
/**
 * Repeats of an append whose outcome is unknown: the same ids at the same revisions are stored
 * once.
 */
const MAX_REPEATS = 5;

/** The target holds something other than the beginning of the source. */
export class OtherLogError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'OtherLogError';
  }
}

export interface CopyProgress {
  phase: 'comparing' | 'copying' | 'verifying';
  events: number;
}

export interface CopyResult {
  /** Events in the target, all from the source. */
  events: number;
  /** Events that were already in the target. */
  found: number;
  /** False if interrupted: the target holds the beginning, and the next run continues. */
  isWhole: boolean;
  /**
   * Over streams, revisions, ids, types, data and metadata of all events in log order; null if not
   * whole.
   */
  digest: string | null;
}

/**
 * Copies the source to the target: the same streams, revisions, ids, types, data, metadata and
 * order. What the target already holds must be the beginning of the source; the copy continues from
 * there, so an interrupted copy is continued by calling this again. At the end, both logs are read
 * from the beginning and compared event by event.
 *
 * Rejects with OtherLogError if the target holds anything else, with EventStoreError if a store is
 * unreachable.
 */
export async function copyLog({
  source,
  target,
  prepare,
  signal,
  onProgress,
}: {
  source: EventStore;
  target: EventStore;
  /** Called with events before they are appended. */
  prepare?: (events: readonly RecordedEvent[]) => Promise<void>;
  signal: AbortSignal;
  onProgress(progress: CopyProgress): void;
}): Promise<CopyResult> {
  const begun = await walkTogether(source, target, (events) => {
    onProgress({ phase: 'comparing', events });
  });
  const interrupted = (): boolean => signal.aborted;
  const found = begun.events;
  let events = found;
  let after = begun.after;
  while (!interrupted()) {
    const page = await source.readAll(after, PAGE);
    await prepare?.(page);
    await appendInOrder(target, appendsOf(page, target.atomic), {
      signal,
      onAppended: (count) => {
        events += count;
        onProgress({ phase: 'copying', events });
      },
    });
    const last = page.at(-1);
    if (!last) break;
    after = last.position;
  }
  if (interrupted()) return { events, found, isWhole: false, digest: null };
  const verified = await walkTogether(source, target, (seen) => {
    onProgress({ phase: 'verifying', events: seen });
  });
  if (verified.events !== events) {
    throw new OtherLogError(`the target holds ${verified.events} events instead of ${events}`);
  }
  return { events, found, isWhole: true, digest: verified.digest };
}

interface Walk {
  events: number;
  /** The position in the source of the last event that the target also holds. */
  after: Position | null;
  digest: string;
}

/** Reads both logs to the end of the target. Throws OtherLogError at the first difference. */
async function walkTogether(
  source: EventStore,
  target: EventStore,
  onEvents: (events: number) => void,
): Promise<Walk> {
  const hash = createHash('sha256');
  let events = 0;
  let sourceAfter: Position | null = null;
  let targetAfter: Position | null = null;
  for (;;) {
    const theirs: RecordedEvent[] = await target.readAll(targetAfter, PAGE);
    const ours: RecordedEvent[] = theirs.length === 0 ? [] : await source.readAll(sourceAfter, theirs.length);
    for (const [index, copy] of theirs.entries()) {
      const original = ours[index];
      if (!original || contentOf(original) !== contentOf(copy)) {
        throw new OtherLogError(
          `the target is not a copy of this log: its event ${events + index + 1}, ${copy.stream}@${copy.revision}, differs from the source's`,
        );
      }
      addTo(hash, copy);
    }
    const last = theirs.at(-1);
    if (!last) return { events, after: sourceAfter, digest: hash.digest('hex') };
    events += theirs.length;
    targetAfter = last.position;
    sourceAfter = ours.at(-1)?.position ?? sourceAfter;
    onEvents(events);
  }
}

function addTo(hash: Hash, event: RecordedEvent): void {
  hash.update(contentOf(event)).update('\n');
}

/**
 * An event without its position, which differs between logs. Members are ordered, because stores
 * may reorder them.
 */
const contentOf = ({ stream, revision, id, type, data, metadata }: RecordedEvent): string =>
  JSON.stringify(ordered([stream, revision, id, type, data, metadata]));

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([member, inner]) => [member, ordered(inner)]));
}

/**
 * Splits events into appends that keep their order: consecutive events of a stream are appended
 * together, and an append names each stream once.
 * A store that is not atomic over streams gets an append per stream, so that the next need not
 * wait for it.
 */
function* appendsOf(events: readonly RecordedEvent[], isAtomic: boolean): Generator<StreamAppend[]> {
  let call = new Map<string, RecordedEvent[]>();
  let latest: string | null = null;
  let count = 0;
  let bytes = 0;
  for (const event of events) {
    const size = JSON.stringify([event.data, event.metadata]).length;
    const isOther = event.stream !== latest;
    const comesBack = isOther && (isAtomic ? call.has(event.stream) : call.size > 0);
    const isFull = count === MAX_APPEND || (count > 0 && bytes + size > MAX_APPEND_BYTES);
    if (comesBack || isFull) {
      yield toAppends(call);
      call = new Map();
      count = 0;
      bytes = 0;
    }
    const own = call.get(event.stream);
    if (own) own.push(event);
    else call.set(event.stream, [event]);
    latest = event.stream;
    count += 1;
    bytes += size;
  }
  if (call.size > 0) yield toAppends(call);
}

const toAppends = (call: ReadonlyMap<string, readonly RecordedEvent[]>): StreamAppend[] =>
  [...call].map(([stream, events]) => ({
    stream,
    expected: (events[0]?.revision ?? 0) - 1,
    events: events.map(({ id, type, data, metadata }) => ({ id, type, data, metadata })),
  }));

/**
 * Sends the calls in their order, MAX_UNANSWERED at most without an answer. After a failure nothing more is sent until every
 * answer is there; the caller's comparison then finds where the target stands.
 */
async function appendInOrder(
  target: EventStore,
  calls: Iterable<StreamAppend[]>,
  { signal, onAppended }: { signal: AbortSignal; onAppended(events: number): void },
): Promise<void> {
  const unanswered = new Set<Promise<void>>();
  const failures: unknown[] = [];
  const limit = target.atomic ? 1 : MAX_UNANSWERED;
  for (const appends of calls) {
    if (signal.aborted || failures.length > 0) break;
    const answered = appendSurely(target, appends)
      .then(() => {
        onAppended(appends.reduce((sum, one) => sum + one.events.length, 0));
      })
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => unanswered.delete(answered));
    unanswered.add(answered);
    if (unanswered.size >= limit) await Promise.race(unanswered);
  }
  await Promise.all(unanswered);
  if (failures.length > 0) throw failures[0];
}

async function appendSurely(target: EventStore, appends: readonly StreamAppend[]): Promise<void> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      const result = await target.append(appends);
      if (result.outcome === 'appended') return;
      throw new OtherLogError(
        `another writer is appending to the target: ${result.stream} is at revision ${result.actual}`,
      );
    } catch (error) {
      const isRepeatable = error instanceof EventStoreError && error.outcomeUnknown;
      if (!isRepeatable || repeats === MAX_REPEATS) throw error;
    }
  }
}
