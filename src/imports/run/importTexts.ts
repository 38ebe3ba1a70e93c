import type { Encoding } from '../reading/encoding.ts';
import type { ImportCounts } from './importCounts.ts';

export const linesInWords = (count: number): string => counted(count, 'line');

export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** What became of the lines, in one line of text. */
export function summaryOf(
  { lines, imported, unchanged, failed }: ImportCounts,
  { isDryRun }: { isDryRun: boolean },
): string {
  const verb = isDryRun ? 'would be imported' : 'imported';
  const were = unchanged === 1 ? 'was' : 'were';
  return `${linesInWords(lines)}: ${imported} ${verb}, ${unchanged} ${were} in already, ${failed} failed`;
}

/** What else a reader of the summary should know, a line each. `guessed`: the encoding, where the file itself decided. */
export function notesOf(
  { removed, given, suspicious }: ImportCounts,
  { isDryRun, guessed }: { isDryRun: boolean; guessed: Encoding | null },
): string[] {
  const get = isDryRun ? 'would get' : 'got';
  const notes: string[] = [];
  if (guessed !== null && guessed !== 'utf-8')
    notes.push(`the file was read as ${guessed}; if names look wrong, say --encoding`);
  if (given.ids > 0) notes.push(`${counted(given.ids, 'line')} without an id ${get} one`);
  if (given.hashes > 0)
    notes.push(
      `${counted(given.hashes, 'user')} without a password hash ${get} one that no password matches`,
    );
  if (given.dates > 0)
    notes.push(`${counted(given.dates, 'line')} without a registration date ${get} today's`);
  if (removed > 0)
    notes.push(
      `${counted(removed, 'line')} of those that were in already: removed from the roll since, and left so`,
    );
  if (suspicious.shortDnis > 0)
    notes.push(
      `${counted(suspicious.shortDnis, 'DNI')} with seven digits: has a spreadsheet dropped a leading zero?`,
    );
  if (suspicious.shortPostcodes > 0)
    notes.push(
      `${counted(suspicious.shortPostcodes, 'postcode')} with four digits: has a spreadsheet dropped a leading zero?`,
    );
  return notes;
}
