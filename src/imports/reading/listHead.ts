import { ListError } from '../list/listError.ts';
import type { ListFormat } from '../list/listLine.ts';
import type { FileReasonCode } from '../reasons/reasonTexts.ts';

/** Characters within which the first line of a list must end. */
const MAX_HEAD = 1024 * 1024;

/** The beginning of a text, up to at least the end of its first line that is not blank; `all` gives the whole text. */
export interface Peeked {
  head: string;
  /** Whether the head is the whole text. */
  isWhole: boolean;
  all: AsyncIterable<string>;
}

export async function peek(chunks: AsyncIterator<string>): Promise<Peeked> {
  let head = '';
  let isWhole = false;
  while (!hasFirstLine(head) && head.length < MAX_HEAD) {
    const next = await chunks.next();
    if (next.done) {
      isWhole = true;
      break;
    }
    head += next.value;
  }
  async function* all(): AsyncGenerator<string> {
    yield head;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  return { head, isWhole, all: all() };
}

/** A line of separators only is blank, too. */
export const BLANK_LINE = /^[\s\uFEFF,;|"]*$/;

const hasFirstLine = (text: string): boolean =>
  text
    .split(/\r\n|\n|\r/)
    .slice(0, -1)
    .some((line) => !BLANK_LINE.test(line) && !SEPARATOR_LINE.test(line));

/** The line that tells Excel the separator. */
export const SEPARATOR_LINE = /^\uFEFF?"?sep=(.)"?$/i;

/** The beginnings of files that people mistake for a list; binary ones as decoded from ASCII or Windows-1252. */
/* eslint-disable no-control-regex -- the first bytes of binary files */
const OTHER_FILES: readonly [RegExp, FileReasonCode][] = [
  [/^PK\u0003\u0004/, 'workbook'],
  [/^(\u00d0\u00cf\u0011\u00e0|\ufffd\ufffd\u0011\ufffd)/, 'old-workbook'],
  [/^\u001f(\u2039|\u008b|\ufffd)/, 'compressed'],
  [/^%PDF-/, 'pdf'],
  [/^\{\\rtf/, 'text-document'],
  [/^\s*</, 'web-page'],
  [/^\s*\[\s*(\{|$)/, 'json-array'],
  [/^\s*\{\s*(\r|\n|$)/, 'json-object'],
];

/* eslint-enable no-control-regex */

/** Throws ListError for a file that is not a list, whatever its name. */
export function refuseOtherFiles({ head, isWhole }: Pick<Peeked, 'head' | 'isWhole'>): void {
  const text = head.replace(/^\uFEFF/, '');
  if (isWhole && BLANK_LINE.test(text)) throw new ListError('empty');
  const other = OTHER_FILES.find(([begins]) => begins.test(text));
  if (other) throw new ListError(other[1]);
}

/** The format, given by the caller, else by the file's name, else by its first character. */
export function formatOf(head: string, name: string, given: ListFormat | null): ListFormat {
  const first = /^[\s\uFEFF]*(\S)/.exec(head)?.[1];
  const looksLike = first === '{' ? 'ndjson' : 'csv';
  const named = given ?? byName(name);
  if (named === 'csv' && looksLike === 'ndjson') throw new ListError('json-as-csv');
  return named ?? looksLike;
}

function byName(name: string): ListFormat | null {
  if (/\.(csv|tsv|txt)$/i.test(name)) return 'csv';
  return /\.(ndjson|jsonl)$/i.test(name) ? 'ndjson' : null;
}
