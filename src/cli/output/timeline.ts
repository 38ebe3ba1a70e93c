import { effectOf } from '../../events/catalogue.ts';
import type { HistoryEntry } from '../../projections/views/history.ts';

export interface Style {
  colour: boolean;
}

type Paint = (text: string) => string;

/** An entry for a terminal: when, what and who; the reason, if given; then one line per change. */
export function entryLines(entry: HistoryEntry, style: Style): string[] {
  const { at, subject, revision, type, actor, summary, reason, changes } = entry;
  const { bold, dim, before, after } = paints(style);
  const role = `(${printable(actor.role)})`;
  const by = actor.account === null ? `somebody ${role}` : `${printable(actor.account)} ${role}`;
  const isFirst = effectOf(type) === 'register';
  const width = Math.max(0, ...changes.map(({ field }) => field.length));
  return [
    `${bold(at)}  ${printable(summary)}`,
    dim(`  ${subject}@${revision}  ${type} by ${by}`),
    ...(reason === null ? [] : [`  because: ${printable(reason)}`]),
    ...changes.map((change) => {
      const name = change.field.padEnd(width);
      const value = after(`+ ${shown(change.after)}`);
      return isFirst ? `  ${name}  ${value}` : `  ${name}  ${before(`- ${shown(change.before)}`)}  ${value}`;
    }),
  ];
}

/** A past record, one line per member. */
export function recordLines(
  subject: string,
  { record, revision, at }: { record: object; revision: number; at: string | null },
  style: Style,
): string[] {
  const { bold } = paints(style);
  const members = Object.entries(record) as [string, unknown][];
  const width = Math.max(0, ...members.map(([name]) => name.length));
  return [
    bold(`${subject}@${revision}, since ${at ?? 'the beginning'}`),
    ...members.map(([name, value]) => `  ${name.padEnd(width)}  ${shown(value)}`),
  ];
}

function paints({ colour }: Style): Record<'bold' | 'dim' | 'before' | 'after', Paint> {
  const paint =
    (code: number): Paint =>
    (text) =>
      colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  return { bold: paint(1), dim: paint(2), before: paint(31), after: paint(32) };
}

/** A value on a terminal. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? `"${printable(value)}"` : JSON.stringify(value);

/** Escapes characters that could control the terminal. */
export const printable = (text: string): string =>
  text.replace(
    /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
