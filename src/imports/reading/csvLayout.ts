import { SEPARATORS, type CsvFormat } from '../../presentation/csv.ts';
import { BLANK_LINE, SEPARATOR_LINE } from './listHead.ts';

export interface CsvLayout {
  delimiter: string;
  /** Characters before the first line that has cells: blank lines, and the line that tells Excel the separator. */
  skipped: number;
  skippedLines: number;
}

/** The layout of a CSV file: as the caller gives it, else by Excel's `sep=` line, else by the first line that is not blank. */
export function layoutOf(head: string, given: CsvFormat['separator'] | null = null): CsvLayout {
  let named: string | undefined = given === null ? undefined : SEPARATORS[given];
  let skipped = 0;
  let skippedLines = 0;
  for (const [whole, line = ''] of head.matchAll(/([^\r\n]*)(?:\r\n|\n|\r|$)/g)) {
    const separator = SEPARATOR_LINE.exec(line)?.[1];
    if (separator === undefined && !BLANK_LINE.test(line))
      return { delimiter: named ?? mostUsedIn(line), skipped, skippedLines };
    named ??= separator;
    skipped += whole.length;
    skippedLines += 1;
  }
  return { delimiter: named ?? SEPARATORS.comma, skipped, skippedLines };
}

function mostUsedIn(line: string): string {
  const bare = line.replace(/"[^"]*"/g, '');
  const count = (delimiter: string): number => bare.split(delimiter).length;
  return Object.values<string>(SEPARATORS).reduce((best, one) => (count(one) > count(best) ? one : best));
}
