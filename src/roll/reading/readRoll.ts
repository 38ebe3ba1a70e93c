import type { Clock } from '../../platform/clock.ts';
import { readSkips } from '../../events/bookkeeping/skips.ts';
import type { CallOptions, EventStore, Position } from '../../events/eventStore.ts';
import { createSlices } from '../../platform/concurrency/slices.ts';
import { createViewPosition } from '../../projections/following/viewPosition.ts';
import type { ViewReader } from '../../projections/ports/documents.ts';
import { createDocumentTrust } from './documentTrust.ts';
import { foldSubjects, unreadDocument, type Folded, type SubjectDocument } from './foldSubjects.ts';
import type { Horizon } from '../../events/eventStore.ts';
import type { RollKind } from '../rollKinds.ts';

/**
 * Subjects read and folded together: enough to make calls cheap, few enough not to hold the thread for
 * long, and not to outlive young garbage (docs/benchmarks-roll.md).
 */
const MAX_AT_ONCE = 50;
/** Ids read in one call for a whole roll: a call to a server may take longer than folding 50 people. */
const MAX_IDS = 1_000;

/** The horizon of a roll that is read from its beginning. */
export interface RollStart {
  horizon: Horizon;
  /** Whether the view did not reach the end of the log in time, so the roll may lack people. */
  behind: boolean;
}

/** A subject at each requested horizon, in order. */
export interface Candidate<State> {
  id: number;
  folds: readonly Folded<State>[];
}

/**
 * The roll of one kind at any moment, folded from the events. The view, including tombstones, has the
 * ids of everyone who was ever registered; their streams have the states. Rejects with ReadModelError
 * or EventStoreError if a store does not answer.
 */
export interface RollReader<State extends object> {
  kind: RollKind<State>;
  /**
   * Fixes the position of a roll: the end of the log, once the view has reached it and `position`
   * (null: no requirement). Waits at most READ_YOUR_WRITES_MS.
   */
  start(at: number, position: Position | null, options?: CallOptions): Promise<RollStart>;
  /** Whether the view reaches a position within READ_YOUR_WRITES_MS, which is enough for a roll whose position is fixed. */
  reaches(position: Position): Promise<boolean>;
  /**
   * Everyone who was ever registered, with an id above `after`, by id, at each of the horizons, in
   * batches of at most 50. Keeps one batch in memory, and holds the thread for some 5 ms at a
   * time.
   */
  walk(
    horizons: readonly Horizon[],
    after: number,
    options?: WalkOptions,
  ): AsyncGenerator<Candidate<State>[]>;
}

export interface WalkOptions extends CallOptions {
  /** Repeatedly, this many subjects come in batches of 50 and a rest, as a page needs them. Default: batches of 50. */
  batch?: number;
  /** Folds everyone from the events, for a proof; the view only supplies the ids. Default: false. */
  isProof?: boolean;
}

export interface RollReaderDependencies<State extends object> {
  kind: RollKind<State>;
  store: Pick<EventStore, 'readStream' | 'readStreams' | 'head'>;
  /** The current view. */
  viewReader: Pick<ViewReader, 'checkpoint' | 'scan' | 'ids'>;
  clock: Clock;
  /** READ_YOUR_WRITES_MS */
  maxWaitMs: number;
}

export function createRollReader<State extends object>({
  kind,
  store,
  viewReader,
  clock,
  maxWaitMs,
}: RollReaderDependencies<State>): RollReader<State> {
  const viewPosition = createViewPosition({ checkpoint: () => viewReader.checkpoint(), clock });
  const { aggregate } = kind.view;

  return {
    kind,

    async start(at, position, options = {}) {
      const wanted = later(await store.head(options), position);
      if (wanted === null) return { horizon: { at, upTo: 0n }, behind: false };
      if (await viewPosition.reaches(wanted, maxWaitMs)) {
        return { horizon: { at, upTo: wanted }, behind: false };
      }
      const checkpoint = await viewReader.checkpoint();
      return { horizon: { at, upTo: checkpoint?.position ?? 0n }, behind: true };
    },

    reaches: (position) => viewPosition.reaches(position, maxWaitMs),

    async *walk(horizons, after, { batch = MAX_IDS, isProof = false, deadline } = {}) {
      const skips = await readSkips(store, { deadline });
      const trust = createDocumentTrust();
      const pause = createSlices();
      const idsOf = readingAhead(viewReader, batch);
      for (let last = after, left = batch, isEnd = false; !isEnd; left ||= batch) {
        await pause();
        const stretch = { after: last, limit: Math.min(MAX_AT_ONCE, left) };
        left -= stretch.limit;
        const trustsDocuments = !isProof && trust.asks();
        const some = trustsDocuments
          ? await viewReader.scan(stretch)
          : (await idsOf(stretch)).map(unreadDocument);
        const dependencies = { store, aggregate, skips, trustsDocuments };
        const folded = await foldSubjects(dependencies, some, horizons, { deadline });
        if (trustsDocuments) trust.learn(standingOf(some, folded), some.length);
        yield some.map(({ id }, index) => ({ id, folds: folded[index] ?? [] }));
        last = some.at(-1)?.id ?? last;
        isEnd = some.length < stretch.limit;
      }
    },
  };
}

/** The view's ids by stretches in ascending order, read `amount` at a time or a whole stretch. */
function readingAhead(
  viewReader: Pick<ViewReader, 'ids'>,
  amount: number,
): (stretch: { after: number; limit: number }) => Promise<number[]> {
  let known: number[] = [];
  return async ({ after, limit }) => {
    known = known.filter((id) => id > after);
    if (known.length < limit) known = await viewReader.ids({ after, limit: Math.max(limit, amount) });
    return known.slice(0, limit);
  };
}

/** How many documents replaced the fold: such a document supplies its own body. */
const standingOf = <State>(
  documents: readonly SubjectDocument[],
  folded: readonly (readonly Folded<State>[])[],
): number =>
  documents.filter(({ body }, index) => body !== null && folded[index]?.[0]?.state === body).length;

function later(one: Position | null, other: Position | null): Position | null {
  if (one === null || other === null) return one ?? other;
  return one > other ? one : other;
}
