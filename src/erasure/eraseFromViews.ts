import { waitUnlessAborted } from '../platform/aborted.ts';
import type { Position } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import { rowsOfErased } from '../projections/folding/erasedSubjects.ts';
import type { ViewStores } from '../projections/folding/projection.ts';
import { repairDocument } from '../projections/folding/repairDocument.ts';
import { dropOlderVersions, sweepGenerations } from '../projections/maintaining/sweep.ts';
import { isTombstone, type ViewDocument } from '../projections/ports/documents.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import { rowAt, type Row, type RowReader } from '../projections/ports/rows.ts';
import type { DocumentView, RowView, ViewsByKind } from '../projections/ports/view.ts';
import { changeViewRecord, readViewRecord } from '../projections/record/recordAccess.ts';
import { unlessGone } from '../projections/record/readModelError.ts';
import { hasReached, type Checkpoint, type ViewDeclaration } from '../projections/record/viewDeclaration.ts';
import { neededGenerations, unfinished, type ViewRecord } from '../projections/record/viewRecord.ts';

/** How often to check whether the views have reached the erasure, in milliseconds. */
const POLL_MS = 25;
/** After this many milliseconds a paused job has stopped writing. */
const MAX_PAUSING_MS = 1_000;

export interface EraseFromViewsDependencies extends ViewStores {
  views: ViewsByKind;
}

/** The data of an erased subject in one generation. */
interface Generation {
  checkpoint(): Promise<Checkpoint | null>;
  /** Whether no data is left. */
  isClean(): Promise<boolean>;
  /** Removes the remaining data. */
  clean(): Promise<void>;
}

/**
 * Removes an erased subject from every view: drops the generations kept for a rollback and those of
 * older versions, and waits until the others have reached the erasure at `position`, which removes
 * the subject (see eraseRows). Returns true once a check of each generation finds nothing; false if
 * the signal aborts first, or an instance with another version of a view runs. Rejects with
 * ReadModelError and EventStoreError.
 */
export async function eraseFromViews(
  dependencies: EraseFromViewsDependencies,
  subject: string,
  position: Position,
  signal: AbortSignal,
): Promise<boolean> {
  const { documentViews, rowViews } = dependencies.views;
  const kind = subjectOf(subject)?.kind;
  const concerned = [...documentViews.filter(({ aggregate }) => aggregate.kind === kind), ...rowViews];
  for (const view of concerned) {
    if (!(await eraseFromView(dependencies, view, { subject, position }, signal))) return false;
  }
  return true;
}

async function eraseFromView(
  dependencies: EraseFromViewsDependencies,
  view: DocumentView<object> | RowView,
  erased: { subject: string; position: Position },
  signal: AbortSignal,
): Promise<boolean> {
  const { readModel, clock } = dependencies;
  if (!(await dropOlderVersions(readModel, view, signal))) return false;
  if ((await readModel.controls.versions(view.name)).some((version) => version > view.version)) return false;
  let isQuietSince = false;
  while (!signal.aborted) {
    const control = await withoutPrevious(readModel, view);
    if (!control) return true;
    await sweepGenerations(readModel, view, control);
    const state = await stateOf(dependencies, view, control, erased);
    if (state === 'clean' || (state === 'clean for now' && isQuietSince)) return true;
    isQuietSince = state === 'clean for now';
    await waitUnlessAborted(clock, isQuietSince ? MAX_PAUSING_MS : POLL_MS, signal);
  }
  return false;
}

/** The view's record without a generation for a rollback; null if the view has no record. */
async function withoutPrevious({ controls }: ReadModel, view: ViewDeclaration): Promise<ViewRecord | null> {
  const changed = await changeViewRecord(controls, view, (control) =>
    control.kept === null ? null : { ...control, kept: null },
  );
  return changed ?? readViewRecord(controls, view);
}

/**
 * `clean for now`: the generation of a paused job is clean but has not reached the erasure, and its
 * worker may still be writing its last batch.
 */
async function stateOf(
  dependencies: EraseFromViewsDependencies,
  view: DocumentView<object> | RowView,
  control: ViewRecord,
  { subject, position }: { subject: string; position: Position },
): Promise<'clean' | 'clean for now' | 'not clean'> {
  const job = unfinished(control);
  const resting = job?.state === 'paused' ? job.generation : null;
  let state: 'clean' | 'clean for now' = 'clean';
  for (const number of neededGenerations(control)) {
    const generation = await unlessGone(generationOf(dependencies, view, number, subject));
    if (!generation) {
      // Dropped since the record was read, or not begun yet.
      if (number !== resting) return 'not clean';
      state = 'clean for now';
      continue;
    }
    const isThere = hasReached((await generation.checkpoint())?.position ?? null, position);
    if (!isThere && number !== resting) return 'not clean';
    if (!(await generation.isClean())) {
      await generation.clean();
      return 'not clean';
    }
    if (!isThere) state = 'clean for now';
  }
  return state;
}

async function generationOf(
  { store, readModel, clock }: EraseFromViewsDependencies,
  view: DocumentView<object> | RowView,
  number: number,
  subject: string,
): Promise<Generation> {
  if ('rowOf' in view) {
    const rowStore = await readModel.openRows(view, number, { mustExist: true });
    return {
      checkpoint: () => rowStore.checkpoint(),
      isClean: async () => areRowsClean(rowStore, await rowsOfErased(view, store, [subject])),
      clean: async () => rowStore.erase(await rowsOfErased(view, store, [subject]), view.keysIn),
    };
  }
  const id = subjectOf(subject)?.id ?? 0;
  const viewStore = await readModel.open(view, number, { mustExist: true });
  const present = async (): Promise<ViewDocument[]> => viewStore.load([id]);
  return {
    checkpoint: () => viewStore.checkpoint(),
    isClean: async () => (await present()).every(isTombstone),
    clean: async () => {
      await repairDocument(view, { viewStore, store, clock }, id);
      await viewStore.erase(await present());
    },
  };
}

async function areRowsClean(reader: Pick<RowReader, 'scan'>, rows: readonly Row[]): Promise<boolean> {
  for (const { position, json } of rows) {
    const stored = await rowAt(reader, position);
    if (stored && stored.json !== json) return false;
  }
  return true;
}
