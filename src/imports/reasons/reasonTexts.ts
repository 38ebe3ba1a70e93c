import { describeIssue } from '../../presentation/issueTexts.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import type { Door } from './door.ts';
import { hintText } from './hintTexts.ts';

type Text = string | ((reason: Reason, door: Door) => string);

const list = (words: readonly string[] = []): string => words.join(', ');
const HOW_TO = 'see docs/how-to/import.md';
const NOT_READ_ON = 'the file cannot be read on from here';
const eitherKind =
  (what: string): Text =>
  (_, door) =>
    `the ${what} may be those of users or of personas: say ${door('kind', 'users')} or ${door('kind', 'personas')}`;

/** Why a file as a whole cannot be imported, or not this way. */
const OF_FILES = {
  empty: 'the file is empty: nothing to import',
  workbook: 'the file is an Excel or LibreOffice workbook, or a zip archive: save it as CSV',
  'old-workbook': 'the file is an old Excel workbook (.xls): save it as CSV',
  compressed: 'the file is a compressed file: unpack it first',
  pdf: 'the file is a PDF document: the list has to come as CSV',
  'text-document': 'the file is a text document: the list has to come as CSV',
  'web-page': 'the file is a web page or an XML document, not CSV or NDJSON',
  'json-array':
    'the file is a JSON array: NDJSON has one object on each line, without brackets and commas around them',
  'json-object': 'the file is a JSON object over several lines: NDJSON has one object on each line',
  'json-as-csv': (_, door) =>
    `the file is named or said to be CSV but holds JSON objects: say ${door('format', 'ndjson')}`,
  'csv-options': (_, door) =>
    `${door('separator')}, ${door('decimal')} and ${door('dates', 'dmy')} are for CSV, and the file is NDJSON`,
  'utf-16-unmarked': (_, door) =>
    `the file looks like UTF-16 without a byte order mark: say ${door('encoding', 'utf-16le')} or ${door('encoding', 'utf-16be')}`,
  'no-text': 'the file has no line with any text',
  'no-header': `the file has no header line that padron knows: its first line has to name the columns (${HOW_TO})`,
  'columns-unnamed': ({ line, members }) =>
    `line ${String(line)} does not name the columns: the file needs a header line with ${list(members)} (${HOW_TO} for the headings that padron knows)`,
  'columns-missing': ({ members = [] }, door) =>
    `${members.length === 1 ? 'a column is' : 'columns are'} missing: ${list(members)}. If it is there under another name, say ${door('map', `that name=${members[0] ?? ''}`)}`,
  'identity-missing': ({ members = [] }, door) =>
    `a column is missing: ${members.join(' or ')}. If it is there under another name, say ${door('map', `that name=${members[0] ?? ''}`)}`,
  'column-doubled': ({ columns = [], member }, door) =>
    `columns ${columns.join(' and ')} are both ${String(member)}: rename one, or leave it out with ${door('map', 'heading=')}`,
  'columns-unknown': ({ columns = [] }, door) =>
    `padron does not know the heading of ${columns.length === 1 ? 'column' : 'columns'} ${list(columns)}: say what it is with ${door('map', 'heading=member')}, or leave it out with ${door('map', 'heading=')}`,
  'map-malformed': (_, door) =>
    `${door('map')} takes a heading and a member of padron, as in ${door('map', 'Nº socio=IdUsuario')}`,
  'map-doubled': (_, door) =>
    `${door('map')} names a heading twice, with different members: say once what the column holds`,
  'map-unmatched': ({ wanted, members, columns = [] }, door) =>
    `${door('map')} names a heading that the file does not have: ${list([wanted ?? []].flat().map(String))} (letter case, accents, spaces and punctuation do not count). The file has columns for ${list(members)}${columns.length === 0 ? '' : `; padron does not know the heading of ${list(columns)}`}`,
  'kind-of-columns': eitherKind('columns'),
  'kind-of-members': eitherKind('members'),
  'upload-lost': 'the uploaded list cannot be read any more: upload it again; what was stored is skipped',
  'upload-elsewhere':
    'the instance that has the list does not answer: restart it, or cancel this import and upload the list again; what was stored is skipped',
  'upload-abandoned':
    'the instance that has the list did not come back: upload the list again; what was stored is skipped',
} as const satisfies Record<string, Text>;

/** Why a line is refused, besides the rules of its members. */
const OF_LINES = {
  'line-too-long': ({ wanted }) => `is longer than ${String(wanted)} characters`,
  'not-decoded': 'has bytes that are not valid in the encoding of the file',
  'not-an-object': 'is not a JSON object',
  'not-json': 'is not JSON',
  'cells-missing': 'does not have as many cells as the header',
  'cell-without-heading': ({ columns }) => `has a value in column ${list(columns)}, which has no heading`,
  'row-too-long': ({ wanted }) =>
    `begins a row of more than ${String(wanted)} characters, as a quote does that is never closed: ${NOT_READ_ON}`,
  'quote-open': `has a quote that is never closed: ${NOT_READ_ON}`,
  'members-unknown': 'has members that padron does not know',
  'member-doubled': ({ member }) => `has ${String(member)} twice, under two names`,
  unusable: ({ member }) => `${String(member)} cannot be used`,
  'id-taken': 'the id belongs to another person, or was imported with other values',
  erased: 'this person was erased, and is not imported again',
  contention: 'other writers kept changing it meanwhile: import this line again',
  locked: ({ members }) => `${list(members)} cannot be changed by an import`,
  'two-people': 'the id and the dni belong to two people',
  'id-differs': 'the dni belongs to a person with another id',
  removed: 'was removed from the roll',
  unknown: 'nobody on the roll has this id or dni',
  'removed-meanwhile': 'is no longer on the roll',
  forbidden: 'may not be changed by this account',
  'busy-subject': 'other writers kept changing it meanwhile: try again',
  stuck: 'cannot be changed: one of its events cannot be applied',
} as const satisfies Record<string, Text>;

/** Why an undo skips something. */
const OF_UNDO = {
  'changed-since': 'has been changed since',
  'changed-since-registration': 'was registered by the operation and has been changed since',
  'persons-stay': 'was registered by the operation, and persons cannot be removed',
  'removal-stays': 'was removed by the operation, and a removed user does not come back',
  'erasure-stays': 'was erased',
  'value-given-away': 'belongs to another person by now',
} as const satisfies Record<string, Text>;

const TEXTS = { ...OF_FILES, ...OF_LINES, ...OF_UNDO };

export type FileReasonCode = keyof typeof OF_FILES;
export type ReasonCode = keyof typeof TEXTS;
export const FILE_REASONS = Object.keys(OF_FILES) as FileReasonCode[];
export const LINE_REASONS = Object.keys(OF_LINES) as ReasonCode[];

/** A reason in English, with the option names of the caller's interface; never quotes a value. */
export function reasonText(reason: Reason, door: Door): string {
  const { code, member = '', wanted, hint, line } = reason;
  const known: Text | undefined = Object.hasOwn(TEXTS, code) ? TEXTS[code as ReasonCode] : undefined;
  const text =
    known === undefined
      ? describeIssue({ path: member === '' ? '' : `/${member}`, member, rule: code, wanted })
      : typeof known === 'string'
        ? known
        : known(reason, door);
  const place = line !== undefined && Object.hasOwn(OF_LINES, code) ? `line ${line} ` : '';
  return `${place}${text}${hint === undefined ? '' : `: ${hintText(hint, door)}`}`;
}

/** Several reasons in one text. */
export const reasonsText = (reasons: readonly Reason[], door: Door): string =>
  reasons.map((one) => reasonText(one, door)).join('; ');
