import type { ImportCounts } from '../../projections/record/listImport.ts';
import type { Encoding } from '../reading/encoding.ts';
import type { Changed } from '../update/correct.ts';

export const linesInWords = (count: number): string => counted(count, 'line');

export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** The outcomes of all lines, in one line of text. */
export function summaryOf(
  { lines, imported, changed, unchanged, failed }: ImportCounts,
  { isDryRun, isUpdate = false }: { isDryRun: boolean; isUpdate?: boolean },
): string {
  const would = isDryRun ? 'would be ' : '';
  if (isUpdate)
    return `${linesInWords(lines)}: ${changed} ${would}changed, ${imported} ${would}imported, ${unchanged} unchanged, ${failed} failed`;
  const were = unchanged === 1 ? 'was' : 'were';
  return `${linesInWords(lines)}: ${imported} ${would}imported, ${unchanged} ${were} already there, ${failed} failed`;
}

/** An edit in one line: `user-15: cuota 30 -> 45`. Contains values. */
export const changeInWords = (stream: string, changed: NonNullable<Changed>): string =>
  `${stream}: ${Object.entries(changed)
    .map(([member, { from, to }]) => `${member} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`)
    .join(', ')}`;

/**
 * The correlation of an operation, and what an undo of it would do. `stay`: subjects that an undo
 * leaves alone, because a registered person and a removed user stay as they are.
 */
export function correlationInWords(
  correlation: string,
  { restorable, stay }: { restorable: number; stay: number },
): string {
  const back = stay > 0 ? 'takes its other changes back' : 'takes it back';
  const undo = restorable > 0 ? `, npx padron undo ${correlation} ${back}` : '';
  return `correlation ${correlation}: npx padron history --correlation ${correlation} shows it${undo}`;
}

/** Remarks on the summary, one line each. `guessed`: the encoding, if the file itself decided it. */
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
      `${counted(removed, 'line')} of those that were already there: removed from the roll since, and left so`,
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
