import type { Job, ViewRecord, ViewRecords } from './viewRecord.ts';
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
