import { logIdOf } from '../events/bookkeeping/logId.ts';
import { PadronError } from '../platform/padronError.ts';
import { unfinished, withoutGeneration, type ViewRecord } from '../projections/record/viewRecord.ts';
import { changeViewRecord, readViewRecord } from '../projections/record/recordAccess.ts';
import type { ProjectedView, ViewStores } from '../projections/folding/projection.ts';
import { DamagedViewError, unlessGone } from '../projections/record/readModelError.ts';
import type { Checkpoint } from '../projections/record/viewDeclaration.ts';
import { ForeignLogError, belongsToLog } from '../projections/following/logIdentity.ts';

/** The views were built from a log other than the present one, or the present one is empty. */
export class OtherLogError extends PadronError {}

interface OwnLogDependencies extends ViewStores {
  views: readonly ProjectedView[];
  /** Called for each view that is set aside and rebuilt. */
  onSetAside(about: { view: string; reason: string }): void;
}

const REMEDY =
  'put the right event log back, or remove the views (DATA_DIR/views, or the MongoDB database, but not the one whose name ends in _keys)';

/**
 * Ensures, before anything is shown, that the views belong to the log (docs/adr/0026). A view that
 * has seen events that the log lacks, as after restoring a backup, is set aside and rebuilt; so is
 * one with damaged data. Rejects with OtherLogError if the views were built from a different log or
 * the log is gone; with EventStoreError or ReadModelError if a store does not answer.
 */
export async function assertOwnLog(dependencies: OwnLogDependencies): Promise<void> {
  const { store, readModel, views } = dependencies;
  const log = await logIdOf(store);
  const records = await Promise.all(
    views.map(async (view) => ({ view, control: await readViewRecord(readModel.controls, view) })),
  );
  // Check all views before changing any.
  for (const { view, control } of records) if (control) expectLog(control, log, view.name);
  for (const { view, control } of records) {
    if (!control) continue;
    const reason = await whyUnusable(view, control, log, dependencies);
    if (reason !== null) await setAside(view, control, { log, reason }, dependencies);
    else if (log !== null && control.log === undefined) {
      await changeViewRecord(readModel.controls, view, (now) =>
        now.log === undefined ? { ...now, log } : null,
      );
    }
  }
}

function expectLog(control: ViewRecord, log: string | null, view: string): void {
  if (control.log === undefined || control.log === log) return;
  throw new OtherLogError(
    log === null
      ? `the event log is empty, but the view ${view} was built from one: ${REMEDY}`
      : `the view ${view} was built from another event log: ${REMEDY}`,
  );
}

/** Why the view cannot be shown or continued over this log; null if it can. */
async function whyUnusable(
  view: ProjectedView,
  control: ViewRecord,
  log: string | null,
  { store, readModel, clock }: OwnLogDependencies,
): Promise<string | null> {
  const filled = unfinished(control)?.generation ?? null;
  try {
    const checkpoints: (Checkpoint | null)[] = [await view.shown(readModel).checkpoint()];
    if (filled !== null) {
      const begun = await unlessGone(view.open(filled, { readModel, store, clock }, { mustExist: true }));
      if (begun) checkpoints.push(await begun.checkpoint());
    }
    for (const checkpoint of checkpoints) {
      // A record made by an earlier padron does not name its log.
      if (checkpoint !== null && log === null) expectLog({ ...control, log: 'unknown' }, null, view.name);
      if (!(await belongsToLog(store, checkpoint))) return new ForeignLogError().message;
    }
    return null;
  } catch (error) {
    if (error instanceof DamagedViewError) return error.message;
    throw error;
  }
}

/** Stops showing the view, and keeps no generation for a rollback. */
async function setAside(
  view: ProjectedView,
  found: ViewRecord,
  { log, reason }: { log: string | null; reason: string },
  { readModel, clock, onSetAside }: OwnLogDependencies,
): Promise<void> {
  const generation = found.live ?? unfinished(found)?.generation ?? null;
  if (generation === null) return;
  // Null if another instance, or the read model itself, has done it.
  await changeViewRecord(readModel.controls, view, (control) => {
    const next = withoutGeneration({ ...control, kept: null }, view, { generation, reason, at: clock.now() });
    return next && log !== null ? { ...next, log } : next;
  });
  onSetAside({ view: view.name, reason });
}
