import { EventStoreError } from '../../events/eventErrors.ts';
import type { AppendResult, EventStore, RecordedEvent, StreamAppend } from '../../events/eventStore.ts';
import { compareOn, nothingCompared, OtherLogError, type Compared } from './compareLogs.ts';

/** Events per read of the source. */
const PAGE = 1_000;
/**
 * Events and streams per append: far below the server's 1 MiB per stream, and within its deadline.
 */
const MAX_APPEND = 100;
const MAX_APPEND_BYTES = 512 * 1_024;
/** Failures one after another, with nothing copied in between, until the copy is given up. */
const MAX_FAILURES = 5;

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

export interface CopyOptions {
  source: EventStore;
  target: EventStore;
  /** Called with events before they are appended. */
  prepare?: (events: readonly RecordedEvent[]) => Promise<void>;
  /** Ends the copy after the appends on their way. */
  signal: AbortSignal;
  onProgress(progress: CopyProgress): void;
}

/**
 * Copies the source to the target: the same streams, revisions, ids, types, data, metadata and
 * order. What the target already holds must be the beginning of the source; the copy continues from
 * there, so an interrupted copy is continued by calling this again. After a failure it reads how far the target has come and
 * continues from there, too. At the end, both logs are read from the beginning and compared event by event.
 *
 * Rejects with OtherLogError if the target holds anything else, with EventStoreError if a store is
 * unreachable.
 */
export async function copyLog(options: CopyOptions): Promise<CopyResult> {
  const { signal, onProgress } = options;
  const begun = await compareOn(options, nothingCompared(), (events) => {
    onProgress({ phase: 'comparing', events });
  });
  const found = begun.events;
  const events = await copyRest(options, begun);
  if (signal.aborted) return { events, found, isWhole: false, digest: null };
  const verified = await compareOn(options, nothingCompared(), (seen) => {
    onProgress({ phase: 'verifying', events: seen });
  });
  if (verified.events !== events) {
    throw new OtherLogError(`the target holds ${verified.events} events instead of ${events}`);
  }
  return { events, found, isWhole: true, digest: verified.hash.digest('hex') };
}

/** Copies what follows `begun`, again and again from where the target stands after a failure. Returns how many events the target has then. */
async function copyRest(options: CopyOptions, begun: Compared): Promise<number> {
  let standing = begun;
  for (let failures = 0; ; failures += 1) {
    try {
      if (failures > 0) {
        const before = standing.events;
        standing = await compareOn(options, standing, () => undefined);
        if (standing.events > before) failures = 1;
      }
      return await appendAfter(options, standing);
    } catch (error) {
      const isLasting = !(error instanceof EventStoreError) || error.isRefusal;
      if (isLasting || failures === MAX_FAILURES) throw error;
    }
  }
}

/** Appends what follows `standing` in the source. Returns how many events the target has then. */
async function appendAfter(options: CopyOptions, standing: Compared): Promise<number> {
  const { target, onProgress } = options;
  let { events } = standing;
  const onStored = (appends: readonly StreamAppend[]): void => {
    for (const append of appends) events += append.events.length;
    onProgress({ phase: 'copying', events });
  };
  const series = appendsFrom(options, standing);
  const result = await (target.appendSeries
    ? target.appendSeries(series, { onStored })
    : appendOneByOne(target, series, onStored));
  // This need not be another writer: an append that was reported as failed may have stored our own events.
  if (result.outcome === 'conflict') {
    const text = `another writer is appending to the target: ${result.stream} is at revision ${result.actual}`;
    throw new EventStoreError(text, { outcomeUnknown: true });
  }
  return events;
}

/** What follows `standing` in the source, until the signal aborts. */
async function* appendsFrom(
  { source, target, prepare, signal }: CopyOptions,
  standing: Compared,
): AsyncGenerator<StreamAppend[]> {
  let after = standing.at.source;
  for (;;) {
    const page = await source.readAll(after, PAGE);
    await prepare?.(page);
    for (const appends of appendsOf(page, target.atomic)) {
      if (signal.aborted) return;
      yield appends;
    }
    const last = page.at(-1);
    if (!last || signal.aborted) return;
    after = last.position;
  }
}

async function appendOneByOne(
  target: EventStore,
  series: AsyncIterable<StreamAppend[]>,
  onStored: (appends: readonly StreamAppend[]) => void,
): Promise<AppendResult> {
  let result: AppendResult = { outcome: 'appended', position: null };
  for await (const appends of series) {
    result = await target.append(appends);
    if (result.outcome === 'conflict') break;
    onStored(appends);
  }
  return result;
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
