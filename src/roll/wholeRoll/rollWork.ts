import { EventStoreError } from '../../events/eventErrors.ts';
import type { Horizon } from '../../events/eventStore.ts';
import { beforeDeadline, withinMs, type Deadline, type OwnDeadline } from '../../platform/deadline.ts';
import { csvText, type CsvFormat } from '../../presentation/csv.ts';
import { addToSummary, changeOfCandidate, NO_CHANGES, type RollChange } from '../changes/changes.ts';
import { CHANGE_COLUMNS, changeLines } from '../changes/changesText.ts';
import { acceptsUser, withWords, type Accepts, type RollFilters } from '../filters.ts';
import { createDigest, type ErasedHashes, type RollDigest } from './digest.ts';
import type { RollReader } from '../reading/readRoll.ts';
import type { RollReaders } from '../reading/rollReaders.ts';
import type { RollName } from '../rollKinds.ts';
import { mapRows, toNdjsonLines, type Batches } from '../rollText.ts';

/** The layout of a file; null: NDJSON. */
export type FileFormat = CsvFormat | null;

/** Work on a whole roll. Can be passed to a thread. */
export type RollWork = { kind: RollName } & (
  | {
      what: 'people';
      horizon: Horizon;
      /** The id after which it starts. */
      after: number;
      filters: RollFilters;
      /** The day (YYYY-MM-DD) for `activo`. */
      day: string;
      isProof: boolean;
      format: FileFormat;
    }
  /** `horizons`: the earlier and the later. */
  | { what: 'changes'; horizons: readonly Horizon[]; after: number; format: FileFormat }
  | { what: 'summary'; horizons: readonly Horizon[] }
  | { what: 'digest'; horizon: Horizon; erasedHashes: ErasedHashes }
);

/** A text or its bytes in UTF-8, one piece per batch of people, often empty, so that the work can end after any batch. */
export type Pieces = AsyncGenerator<string | Uint8Array, void>;

/**
 * Runs such work: a file in pieces; a summary or a digest as JSON, with its text in the last piece
 * after empty ones. Rejects with ReadModelError or EventStoreError if a store does not answer.
 */
export type DoRollWork = (work: RollWork) => Pieces;

/** Runs it in this thread, which is right for stores that answer over a network. */
export const rollWorkHere =
  ({ users, personas }: RollReaders): DoRollWork =>
  (work) =>
    work.kind === 'users'
      ? piecesOf(users, work, (filters, day) => acceptsUser(filters, day))
      : piecesOf(personas, work, () => null);

/** How long naming or verifying a roll may take, in milliseconds; both fold everyone. */
const MAX_ROLL_MS = 600_000;

/** Runs work within that limit. The work may cancel its deadline. */
export const withinRollLimit = <T>(work: (deadline: OwnDeadline) => Promise<T>): Promise<T> =>
  withinMs(MAX_ROLL_MS, work);

/** The digest of a roll. Rejects as the work does, and with EventStoreError at the deadline. */
export async function digestBy(
  doWork: DoRollWork,
  work: Omit<Extract<RollWork, { what: 'digest' }>, 'what'>,
  deadline: Deadline,
): Promise<RollDigest> {
  const pieces = doWork({ ...work, what: 'digest' });
  let text = '';
  try {
    for (;;) {
      const { done, value } = await beforeDeadline(deadline, pieces.next(), tooLong);
      if (done === true) return JSON.parse(text) as RollDigest;
      text += Buffer.from(value).toString();
    }
  } finally {
    // Not awaited: after the deadline a piece may still be in progress.
    void pieces.return().catch(() => undefined);
  }
}

const tooLong = (): EventStoreError =>
  new EventStoreError('the roll was not folded in time', { outcomeUnknown: false });

function piecesOf<State extends object>(
  reader: RollReader<State>,
  work: RollWork,
  acceptsFor: (filters: RollFilters, day: string) => Accepts<State>,
): AsyncGenerator<string> {
  switch (work.what) {
    case 'people': {
      const { horizon, after, filters, day, isProof, format } = work;
      const accepts = withWords(reader.kind, filters.q, acceptsFor(filters, day));
      return peopleText(reader, statesOn(reader, horizon, { after, isProof, accepts }), format);
    }
    case 'changes':
      return changesText(changesOf(reader, work.horizons, work.after), work.format);
    case 'summary':
      return summaryText(reader, work.horizons);
    case 'digest':
      return digestText(reader, work.horizon, work.erasedHashes);
  }
}

/** Everyone on a roll after an id, in batches. */
export async function* statesOn<State extends object>(
  reader: RollReader<State>,
  horizon: Horizon,
  {
    after = 0,
    isProof = false,
    accepts = null,
  }: { after?: number; isProof?: boolean; accepts?: Accepts<State> },
): AsyncGenerator<State[]> {
  for await (const batch of reader.walk([horizon], after, { isProof })) {
    const states = batch.flatMap(({ folds: [fold] }) => fold?.state ?? []);
    yield accepts ? states.filter(accepts) : states;
  }
}

/** All changes between two horizons after an id, in batches. */
export async function* changesOf<State extends object>(
  reader: RollReader<State>,
  horizons: readonly Horizon[],
  after = 0,
): AsyncGenerator<RollChange[]> {
  for await (const batch of reader.walk(horizons, after)) {
    yield batch.flatMap((candidate) => changeOfCandidate(reader.kind, candidate) ?? []);
  }
}

/** People as a file. */
export function peopleText<State extends object>(
  { kind }: Pick<RollReader<State>, 'kind'>,
  states: Batches<State>,
  format: FileFormat,
): AsyncGenerator<string> {
  const entries = mapRows(states, kind.present);
  if (format === null) return toNdjsonLines(entries);
  return csvText(
    kind.columns,
    mapRows(entries, (entry): unknown[] => Object.values(entry)),
    format,
  );
}

function changesText(changes: Batches<RollChange>, format: FileFormat): AsyncGenerator<string> {
  return format === null ? toNdjsonLines(changes) : csvText(CHANGE_COLUMNS, linesOf(changes), format);
}

export async function* linesOf(batches: Batches<RollChange>): AsyncGenerator<unknown[][]> {
  for await (const batch of batches) yield batch.flatMap(changeLines);
}

async function* summaryText<State extends object>(
  { kind, walk }: RollReader<State>,
  horizons: readonly Horizon[],
): AsyncGenerator<string> {
  let summary = NO_CHANGES;
  for await (const batch of walk(horizons, 0)) {
    summary = addToSummary(kind, summary, batch);
    yield '';
  }
  yield JSON.stringify(summary);
}

async function* digestText<State extends object>(
  reader: RollReader<State>,
  horizon: Horizon,
  erasedHashes: ErasedHashes,
): AsyncGenerator<string> {
  const digest = createDigest(reader.kind, erasedHashes);
  for await (const batch of reader.walk([horizon], 0, { isProof: true })) {
    // A subject with an event that cannot be applied counts with its last state; an erased one has none.
    for (const { id, folds } of batch) digest.add(id, folds[0]?.state ?? null);
    yield '';
  }
  yield JSON.stringify(digest.end());
}
