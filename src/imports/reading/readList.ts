import { cellReader, membersOf, type CellReader, type CellRules } from '../columns/cells.ts';
import { plainHeading } from '../columns/headings.ts';
import { letterOf, matchColumns, type HeadingMap } from '../columns/matchColumns.ts';
import type { CsvFormat } from '../../presentation/csv.ts';
import { ListError } from '../list/listError.ts';
import { kindOf, memberSchemas } from '../records/lineSchemas.ts';
import { layoutOf, type CsvLayout } from './csvLayout.ts';
import { csvRows, type CsvRow } from './csvRows.ts';
import { decoded, type Encoding } from './encoding.ts';
import { formatOf, peek, refuseOtherFiles } from './listHead.ts';
import type { ImportKind, ListFormat, ListLine } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import { ndjsonLines } from './ndjsonLines.ts';

/** How to read a list; null: the file itself decides. */
export interface ListOptions {
  /** The file's name, whose ending suggests the format; empty for a stream. */
  name: string;
  kind: ImportKind | null;
  format: ListFormat | null;
  encoding: Encoding | null;
  separator: CsvFormat['separator'] | null;
  decimal: 'point' | 'comma' | null;
  dates: CellRules['dates'];
  map: HeadingMap;
  /** Whether lines may omit members that they do not change. */
  isUpdate: boolean;
}

export interface List {
  format: ListFormat;
  /** Null before the first valid line of NDJSON. */
  kind(): ImportKind | null;
  /** Null while only ASCII has been read. */
  encoding(): Encoding | null;
  /** The lines that are not empty. Rejects with ListError if NDJSON does not show its kind. */
  lines: AsyncGenerator<ListLine>;
}

/** Opens a list and reads its header. Holds one chunk or line in memory. Throws ListError for an unusable file. */
export async function readList(bytes: AsyncIterable<Buffer>, options: ListOptions): Promise<List> {
  const { chunks, encoding } = decoded(bytes, options.encoding);
  const peeked = await peek(chunks);
  refuseOtherFiles(peeked);
  const format = formatOf(peeked.head, options.name, options.format);
  if (format === 'ndjson') {
    if (hasCsvOptions(options)) throw new ListError('csv-options');
    return { format, encoding, ...ndjsonList(peeked.all, options) };
  }
  return {
    format,
    encoding,
    ...(await csvList(peeked.all, layoutOf(peeked.head, options.separator), options)),
  };
}

/** Whether the caller said how cells are written, which would have no effect on NDJSON. */
const hasCsvOptions = ({ separator, decimal, dates }: ListOptions): boolean =>
  separator !== null || decimal !== null || dates !== 'iso';

function ndjsonList(text: AsyncIterable<string>, options: ListOptions): Pick<List, 'kind' | 'lines'> {
  let { kind } = options;
  async function* lines(): AsyncGenerator<ListLine> {
    for await (const read of ndjsonLines(text)) {
      const line = 'problem' in read || options.map.size === 0 ? read : renamed(read, options.map);
      if ('members' in line) {
        kind ??= kindOf(Object.keys(line.members));
        if (kind === null) throw new ListError('kind-of-members');
      }
      yield line;
    }
  }
  return { kind: () => kind, lines: lines() };
}

/** The line with its members' names as mapped; a problem if that gives a member two values. */
function renamed(line: Extract<ListLine, { members: unknown }>, map: HeadingMap): ListLine {
  const members = new Map<string, unknown>();
  for (const [name, value] of Object.entries(line.members)) {
    const mapped = map.get(plainHeading(name));
    if (mapped === null) continue;
    const member = mapped ?? name;
    if (members.has(member)) return { line: line.line, problem: reason('member-doubled', { member }) };
    members.set(member, value);
  }
  return { ...line, members: Object.fromEntries(members) };
}

async function csvList(
  text: AsyncIterable<string>,
  layout: CsvLayout,
  options: ListOptions,
): Promise<Pick<List, 'kind' | 'lines'>> {
  const rows = csvRows(text, layout);
  const header = (await rows.next()).value as CsvRow | undefined;
  if (!header) throw new ListError('no-text');
  if ('problem' in header) throw new ListError({ ...header.problem, line: header.line });
  const { kind, members, unnamed } = matchColumns(header.cells, header.line, options);
  const { decimal } = options;
  const decimals = {
    decimal: decimal ?? (layout.delimiter === ';' ? 'comma' : 'point'),
    isSaid: decimal !== null,
  };
  const schemas = memberSchemas(kind);
  const readers = members.map((member) => {
    const schema = member === null ? undefined : schemas[member];
    return member !== null && schema
      ? { member, read: cellReader(schema, { decimals, dates: options.dates }) }
      : null;
  });
  async function* lines(): AsyncGenerator<ListLine> {
    for await (const row of rows) yield 'problem' in row ? row : lineOf(row, readers, unnamed);
  }
  return { kind: () => kind, lines: lines() };
}

function lineOf(
  { line, cells }: Extract<CsvRow, { cells: unknown }>,
  readers: readonly ({ member: string; read: CellReader } | null)[],
  unnamed: readonly number[],
): ListLine {
  if (cells.length < readers.length || cells.slice(readers.length).some((cell) => cell.trim() !== ''))
    return { line, problem: reason('cells-missing') };
  if (cells.some((cell) => cell.includes('\uFFFD'))) return { line, problem: reason('not-decoded') };
  const lost = unnamed.find((index) => cells[index]?.trim() !== '');
  if (lost !== undefined)
    return { line, problem: reason('cell-without-heading', { columns: [letterOf(lost)] }) };
  return { line, ...membersOf(cells, readers) };
}
