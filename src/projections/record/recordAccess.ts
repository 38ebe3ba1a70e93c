import type { Job, ViewRecord, ViewRecords } from './viewRecord.ts';
import { ReadModelError } from './readModelError.ts';
import type { ViewDeclaration } from './viewDeclaration.ts';

/** A view's record; null if it has none. Rejects with ReadModelError. */
export const readViewRecord = async (
  controls: Pick<ViewRecords, 'read'>,
  view: ViewDeclaration,
): Promise<ViewRecord | null> => (await controls.read(view))?.control ?? null;

/** The job with this id; null if it is unknown or no longer remembered. Rejects with ReadModelError. */
export const readJob = async (
  controls: Pick<ViewRecords, 'read'>,
  of: ViewDeclaration,
  id: string,
): Promise<Job | null> => (await readViewRecord(controls, of))?.jobs.find((one) => one.id === id) ?? null;

/** One of several writers always succeeds, so this many failures in a row mean a faulty storage. */
const MAX_ATTEMPTS = 1_000;

/**
 * Changes a record by compare-and-set and returns the new record. If another writer was first,
 * reads and decides again. Null if `decide` changes nothing, or if there is neither a record nor an
 * `otherwise` to start from. Rejects with ReadModelError.
 */
export async function changeViewRecord(
  controls: Pick<ViewRecords, 'read' | 'replace'>,
  of: ViewDeclaration,
  decide: (control: ViewRecord) => ViewRecord | null,
  otherwise: ViewRecord | null = null,
): Promise<ViewRecord | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const stored = await controls.read(of);
    const before = stored?.control ?? otherwise;
    const next = before && decide(before);
    if (!next) return null;
    if (await controls.replace(of, stored, next)) return next;
  }
  throw new ReadModelError(`the record of ${of.name} cannot be changed: other writers keep changing it`);
}
