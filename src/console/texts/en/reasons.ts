/** The details that the texts about a refused list or line are made from. */
export interface ReasonDetails {
  member: string;
  /** A limit, or the allowed values. */
  wanted: string;
  members: string;
  columns: string;
  line: string;
}

type Words = Record<string, (details: ReasonDetails) => string>;

/** Words in English: why a list or a line of it is refused, by the codes of the API. */
export const reasons: Words = {
  empty: () => 'The file is empty.',
  workbook: () => 'The file is an Excel or LibreOffice workbook, or a zip archive: save it as CSV.',
  'old-workbook': () => 'The file is an old Excel workbook (.xls): save it as CSV.',
  compressed: () => 'The file is compressed: unpack it first.',
  pdf: () => 'The file is a PDF document: the list has to come as CSV.',
  'text-document': () => 'The file is a text document: the list has to come as CSV.',
  'web-page': () => 'The file is a web page or an XML document, not CSV or NDJSON.',
  'json-array': () => 'The file is a JSON array: NDJSON has one object on each line.',
  'json-object': () => 'The file is a JSON object over several lines: NDJSON has one object on each line.',
  'json-as-csv': () => 'The file is named as CSV but holds JSON objects: name it .ndjson.',
  'csv-options': () =>
    'The file is NDJSON, whose dates have the form 2024-03-15: choose that form of the dates.',
  'utf-16-unmarked': () => 'The file looks like UTF-16 without a byte order mark: save it as CSV UTF-8.',
  'no-text': () => 'The file has no line with any text.',
  'no-header': () => 'The first line must name the columns.',
  'columns-unnamed': ({ line, members }) =>
    `Line ${line} does not name the columns: the file needs a header line with ${members}.`,
  'columns-missing': ({ members }) => `Columns are missing: ${members}. Rename those that hold them.`,
  'identity-missing': ({ members }) => `A column with the id or the DNI is missing: ${members}.`,
  'column-doubled': ({ columns, member }) => `Columns ${columns} are both ${member}: remove or rename one.`,
  'columns-unknown': ({ columns }) =>
    `padron does not know the heading of columns ${columns}: rename them, or remove them.`,
  'map-malformed': () => 'A mapping of columns is a heading and a member of padron.',
  'map-doubled': () => 'A mapping of columns names each heading once.',
  'map-unmatched': ({ wanted }) =>
    `A mapping of columns names a heading that the file does not have: ${wanted}.`,
  'kind-of-columns': () =>
    'The columns may be those of users or of persons: add one that only one of them has.',
  'kind-of-members': () =>
    'The members may be those of users or of persons: add one that only one of them has.',
  'upload-lost': () => 'The list can no longer be read: import it again. What was stored is skipped.',
  'upload-elsewhere': () =>
    'The server that has the list does not answer: restart it, or cancel this import and import the list again. What was stored is skipped.',
  'upload-abandoned': () =>
    'The server that has the list did not come back: import the list again. What was stored is skipped.',
  'line-too-long': ({ wanted }) => `is longer than ${wanted} characters`,
  'not-decoded': () => 'has bytes that are not valid in the encoding of the file',
  'not-an-object': () => 'is not a JSON object',
  'not-json': () => 'is not JSON',
  'cells-missing': () => 'does not have as many cells as the header',
  'cell-without-heading': ({ columns }) => `has a value in column ${columns}, which has no heading`,
  'row-too-long': () => 'begins a row without an end: a quote is never closed',
  'quote-open': () => 'has a quote that is never closed: the rest cannot be read',
  'members-unknown': () => 'has members that padron does not know',
  'member-doubled': ({ member }) => `has ${member} twice, under two names`,
  unusable: ({ member }) => `${member} cannot be used`,
  'id-taken': () => 'the id belongs to another person, or was imported with other values',
  erased: () => 'this person was erased, and is not imported again',
  contention: () => 'other writers kept changing it meanwhile: import this line again',
  locked: ({ members }) => `${members} cannot be changed by an import`,
  'two-people': () => 'the id and the DNI belong to two people',
  'id-differs': () => 'the DNI belongs to a person with another id',
  removed: () => 'was removed from the roll',
  unknown: () => 'nobody on the roll has this id or DNI',
  'removed-meanwhile': () => 'is no longer on the roll',
  forbidden: () => 'may not be changed by this account',
  'busy-subject': () => 'other writers kept changing it meanwhile: try again',
  stuck: () => 'cannot be changed: one of its events cannot be applied',
  required: ({ member }) => `${member} is required`,
  type: ({ member, wanted }) => `${member} must be ${wanted}`,
  minLength: ({ member }) => `${member} is empty`,
  dni: ({ member }) => `${member} is empty`,
  maxLength: ({ member, wanted }) => `${member} has more than ${wanted} characters`,
  minimum: ({ member, wanted }) => `${member} is less than ${wanted}`,
  maximum: ({ member, wanted }) => `${member} is greater than ${wanted}`,
  enum: ({ member, wanted }) => `${member} must be one of ${wanted}`,
  email: ({ member }) => `${member} must be an e-mail address`,
  date: ({ member }) => `${member} must be a date in the form YYYY-MM-DD`,
  'date-time': ({ member }) => `${member} must be an instant such as 2024-03-01T08:00:00Z`,
  'http-url': ({ member }) => `${member} must be an http or https address`,
  untrimmed: ({ member }) => `${member} begins or ends with white space`,
  'plain-text': ({ member }) => `${member} contains control characters`,
  'not-before': ({ member, wanted }) => `${member} is before ${wanted}`,
  taken: ({ member }) => `${member} is already in use`,
};

/** The types that `type` may name. */
export const types: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  null: 'empty',
};

/** What to do about a value, by the codes of the API. */
export const hints: Record<string, string> = {
  'spreadsheet-error': 'the cell holds an error',
  'digits-lost':
    'the spreadsheet has dropped some of its digits: format the column as text and enter it again',
  'decimal-point': 'decimals have a point, as in 12.5',
  'decimal-comma': 'decimals have a comma, as in 12,5',
  'decimal-point-or-group': 'decimals have a point, as in 12.5, and thousands have no separator',
  'decimal-comma-or-group': 'decimals have a comma, as in 12,5, and thousands have no separator',
  'day-month-year': 'if it is day/month/year, choose 15/03/2024 as the form of the dates',
  'year-of-two-digits': 'the year needs four digits',
  'no-such-day': 'the calendar has no such day',
  'line-break': 'the cell has a line break (Alt+Enter): replace it with a space',
  'true-or-false': 'true, false, 1, 0, sí or no',
};

export const or: string = ' or ';
