import { Counter, type Registry } from 'prom-client';
import type { ImportCounts } from '../../projections/record/listImport.ts';

const OUTCOMES = {
  imported: 'imported',
  changed: 'changed',
  unchanged: 'unchanged',
  failed: 'refused',
} as const;

/** Counts the lines of imports over HTTP. Call the returned function with the counts before and after each batch. */
export function countImportedLines(registry: Registry): (before: ImportCounts, after: ImportCounts) => void {
  const lines = new Counter({
    name: 'padron_import_lines_total',
    help: 'Lines of lists imported over HTTP, by what became of them.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  for (const outcome of Object.values(OUTCOMES)) lines.inc({ outcome }, 0);
  return (before, after) => {
    for (const name of Object.keys(OUTCOMES) as (keyof typeof OUTCOMES)[])
      lines.inc({ outcome: OUTCOMES[name] }, after[name] - before[name]);
  };
}
