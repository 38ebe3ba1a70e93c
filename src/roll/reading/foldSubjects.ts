import { applyRecorded, NOTHING_LOADED, type Aggregate, type Loaded } from '../../domain/aggregate.ts';
import type { Skips } from '../../events/bookkeeping/skips.ts';
import {
  isBeyond,
  NO_REVISION,
  type CallOptions,
  type EventStore,
  type Horizon,
  type RecordedEvent,
} from '../../events/eventStore.ts';
import { earliestOf, latestOf } from './horizon.ts';
import { subjectStream } from '../../events/streams.ts';
import type { ViewDocument } from '../../projections/ports/documents.ts';

/** Events per read of a stream. */
const PAGE = 100;

/** A subject as it was at a horizon. */
export interface Folded<State> {
  id: number;
  /** Null if it was not on the roll: not registered yet, removed, erased, or never there. */
  state: State | null;
  /** Whether an event within the horizon cannot be applied: `state` is the last good one before it. */
  behind: boolean;
}

export interface FoldDependencies<State> {
  store: Pick<EventStore, 'readStreams'>;
  aggregate: Aggregate<State>;
  skips: Skips;
  /** Whether a document may replace the fold if nothing changed the subject after the horizons. */
  trustsDocuments: boolean;
}

/** The part of a subject's document that a fold needs. */
export type SubjectDocument = Pick<ViewDocument, 'id' | 'revision' | 'body' | 'parked'>;

/** The document of a subject for a fold that trusts no documents. */
export const unreadDocument = (id: number): SubjectDocument => ({
  id,
  revision: 0,
  body: null,
  parked: null,
});

/**
 * Subjects at each of the horizons, in the given order, from one read of their streams up to the last
 * horizon. The state is that of `GET …/:id?at=`. The documents must include every event within the
 * horizons. Rejects with EventStoreError, and with UnknownEventError for an event that only a newer
 * padron can read.
 */
export async function foldSubjects<State>(
  dependencies: FoldDependencies<State>,
  documents: readonly SubjectDocument[],
  horizons: readonly Horizon[],
  options: CallOptions = {},
): Promise<Folded<State>[][]> {
  const present = await presentStates(dependencies, documents, horizons, options);
  const changed = documents.filter(({ id }) => !present.has(id));
  const folded = await foldStreams(dependencies, changed, horizons, options);
  return documents.map(({ id }) => {
    const ends = folded.get(id);
    if (ends) return ends.map((end) => foldedOf(id, end));
    const state = present.get(id) ?? null;
    return horizons.map(() => ({ id, state, behind: false }));
  });
}

/** The states, from their documents, of subjects whose last event is within every horizon. */
async function presentStates<State>(
  { store, aggregate, trustsDocuments }: FoldDependencies<State>,
  documents: readonly SubjectDocument[],
  horizons: readonly Horizon[],
  { deadline }: CallOptions,
): Promise<Map<number, State | null>> {
  // The tombstone of a subject without events is at no revision that could be read.
  const whole = trustsDocuments
    ? documents.filter(({ parked, revision }) => parked === null && revision > NO_REVISION)
    : [];
  if (whole.length === 0) return new Map();
  const last = await store.readStreams(
    whole.map(({ id, revision }) => ({ stream: subjectStream(aggregate.kind, id), from: revision })),
    { horizon: earliestOf(horizons), limit: 1, withData: false, deadline },
  );
  const within = whole.filter(({ revision }, index) => last[index]?.[0]?.revision === revision);
  return new Map(within.map(({ id, body }) => [id, body as State | null]));
}

/** A fold in progress. */
interface Fold<State> {
  stream: string;
  loaded: Loaded<State>;
  /** The state at each horizon; null until the read has passed it. */
  ends: (Loaded<State> | null)[];
}

async function foldStreams<State>(
  { store, aggregate, skips }: FoldDependencies<State>,
  documents: readonly SubjectDocument[],
  horizons: readonly Horizon[],
  { deadline }: CallOptions,
): Promise<Map<number, Loaded<State>[]>> {
  const folds = new Map<number, Fold<State>>(
    documents.map(({ id }) => [
      id,
      { stream: subjectStream(aggregate.kind, id), loaded: NOTHING_LOADED, ends: horizons.map(() => null) },
    ]),
  );
  const horizon = latestOf(horizons);
  let open = [...folds.values()];
  for (let from = 0; open.length > 0; from += PAGE) {
    const starts = open.map(({ stream }) => ({ stream, from }));
    const pages = await store.readStreams(starts, { horizon, limit: PAGE, deadline });
    for (const [index, fold] of open.entries()) {
      for (const event of pages[index] ?? []) advance(fold, event, { aggregate, skips, horizons });
    }
    open = open.filter((_, index) => pages[index]?.length === PAGE);
  }
  return new Map([...folds].map(([id, { loaded, ends }]) => [id, ends.map((end) => end ?? loaded)]));
}

function advance<State>(
  fold: Fold<State>,
  event: RecordedEvent,
  {
    aggregate,
    skips,
    horizons,
  }: Pick<FoldDependencies<State>, 'aggregate' | 'skips'> & {
    horizons: readonly Horizon[];
  },
): void {
  const { ends, loaded } = fold;
  // With one horizon, the read ends there.
  if (horizons.length > 1) {
    for (const [index, horizon] of horizons.entries()) {
      if (ends[index] === null && isBeyond(event, horizon)) ends[index] = loaded;
    }
  }
  fold.loaded = applyRecorded(aggregate, loaded, event, skips);
}

const foldedOf = <State>(id: number, { state, stuck }: Loaded<State>): Folded<State> => ({
  id,
  state,
  behind: stuck !== undefined,
});
