import { ReadModelError } from './readModelError.ts';
import type { ViewDeclaration } from './viewDeclaration.ts';
import { isViewRecord, type ViewRecord } from './viewRecord.ts';

/** A stored record in a format that this padron does not know: a newer one wrote it. */
export class UnknownRecordError extends ReadModelError {
  constructor(what: string) {
    super(`${what} has a format that this padron does not know: upgrade this instance`);
  }
}

/**
 * A stored view record, checked: every member that this padron knows must have a known value. Other
 * members are kept. Throws UnknownRecordError for any other record.
 */
export function readableViewRecord({ name, version }: ViewDeclaration, record: unknown): ViewRecord {
  if (isViewRecord(record)) return record;
  throw new UnknownRecordError(`the record of ${name}@${version}`);
}
