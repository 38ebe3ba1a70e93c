import { csvText, type CsvFormat } from '../../presentation/csv.ts';
import type { ExportedChange, PersonExport } from './exportPerson.ts';

type Pages = AsyncIterable<readonly ExportedChange[]>;

/** The export as one JSON object, one piece per page of changes. */
export async function* exportJson(person: PersonExport, pages: Pages): AsyncGenerator<string> {
  const { subject, exportedAt, revision, record, rolls } = person;
  const head = JSON.stringify({ subject, exportedAt, revision, record, rolls });
  yield `${head.slice(0, -1)},"changes":[`;
  let between = '\n';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield between + page.map((change) => JSON.stringify(change)).join(',\n');
    between = ',\n';
  }
  yield '\n]}\n';
}

const EXPORT_COLUMNS = [
  'part',
  'revision',
  'type',
  'at',
  'role',
  'summary',
  'reason',
  'field',
  'before',
  'after',
] as const;

/**
 * The export as CSV: a row per member of the record, per named roll, and per changed member of each
 * change; the column `part` tells them apart.
 */
export const exportCsv = (person: PersonExport, pages: Pages, format: CsvFormat): AsyncGenerator<string> =>
  csvText(EXPORT_COLUMNS, rowsOf(person, pages), format);

async function* rowsOf(
  { record, revision, exportedAt, rolls }: PersonExport,
  pages: Pages,
): AsyncGenerator<unknown[][]> {
  yield [
    ...Object.entries(record ?? {}).map(([field, value]) =>
      row('record', { revision, at: exportedAt }, { field, after: value }),
    ),
    ...rolls.map(({ id, name, at }) => row('roll', { at }, { field: `roll ${id}`, after: name })),
  ];
  for await (const page of pages) yield page.flatMap(rowsOfChange);
}

function rowsOfChange(change: ExportedChange): unknown[][] {
  const { changes } = change;
  return changes.length === 0 ? [row('change', change)] : changes.map((one) => row('change', change, one));
}

const row = (
  part: 'record' | 'roll' | 'change',
  { revision, type, at, role, summary, reason }: Partial<ExportedChange>,
  { field, before, after }: { field?: string; before?: unknown; after?: unknown } = {},
): unknown[] => [part, revision, type, at, role, summary, reason, field, before, after];
