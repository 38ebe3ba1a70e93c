import { MAX_LINE_LENGTH, type ListLine } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';

/** The lines of an NDJSON file that are not blank. Continues after malformed lines. */
export async function* ndjsonLines(chunks: AsyncIterable<string>): AsyncGenerator<ListLine> {
  let line = 0;
  for await (const text of splitLines(chunks)) {
    line += 1;
    if (text === null) yield { line, problem: reason('line-too-long', { wanted: MAX_LINE_LENGTH }) };
    else if (text.trim() !== '') yield parseLine(line, line === 1 ? text.replace(/^\uFEFF/, '') : text);
  }
}

function parseLine(line: number, text: string): ListLine {
  if (text.includes('\uFFFD')) return { line, problem: reason('not-decoded') };
  try {
    const members = JSON.parse(text) as unknown;
    if (typeof members === 'object' && members !== null && !Array.isArray(members))
      return { line, members: members as Record<string, unknown> };
    return { line, problem: reason('not-an-object') };
  } catch {
    return { line, problem: reason('not-json') };
  }
}

/** The lines of a text, null for one that is too long. At most one line is in memory. */
async function* splitLines(chunks: AsyncIterable<string>): AsyncGenerator<string | null> {
  let begun = '';
  let isTooLong = false;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf('\n'); end !== -1; end = chunk.indexOf('\n', start)) {
      const line = begun + chunk.slice(start, end);
      yield isTooLong || line.length > MAX_LINE_LENGTH ? null : line;
      begun = '';
      isTooLong = false;
      start = end + 1;
    }
    if (!isTooLong) begun += chunk.slice(start);
    if (begun.length > MAX_LINE_LENGTH) {
      isTooLong = true;
      begun = '';
    }
  }
  if (isTooLong) yield null;
  else if (begun !== '') yield begun;
}
