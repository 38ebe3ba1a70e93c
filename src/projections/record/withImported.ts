import type { ListImport } from './listImport.ts';
import type { ViewRecord } from './viewRecord.ts';

/**
 * The record with what the import `id` has stored, also where it has been cancelled since; null if
 * there is no such job.
 */
export function withImported(control: ViewRecord, id: string, list: ListImport): ViewRecord | null {
  if (!control.jobs.some((job) => job.id === id)) return null;
  const processed = list.counts.lines;
  const jobs = control.jobs.map((job) => (job.id === id ? { ...job, processed, import: list } : job));
  return { ...control, jobs };
}
