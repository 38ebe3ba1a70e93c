import { pageFacts } from '../facts/pageFacts.ts';
import { language } from '../app/preferences.ts';
import { texts } from '../texts/texts.ts';

const locale = (): string => (language() === 'es' ? 'es-ES' : 'en-GB');

/**
 * Makes and caches formats for the language of this browser: making one takes longer than a hundred
 * uses, and a timeline uses one per line.
 */
function keptFormats<Options, Format>(
  make: (locale: string, options: Options) => Format,
): (options: Options) => Format {
  const kept = new Map<string, Format>();
  return (options) => {
    const key = locale() + JSON.stringify(options);
    const format = kept.get(key) ?? make(locale(), options);
    kept.set(key, format);
    return format;
  };
}

const numberFormat = keptFormats(
  (at, options: Intl.NumberFormatOptions) => new Intl.NumberFormat(at, options),
);
const dateFormat = keptFormats(
  (at, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat(at, options),
);

/** A number in the notation of the language. */
export const numberText = (value: number, maximumFractionDigits = 0): string =>
  numberFormat({ maximumFractionDigits }).format(value);

/** An instant in the browser's time zone: 15 Jan 2026, 10:30. */
export const instantText = (at: string, seconds = false): string =>
  dateFormat({ dateStyle: 'medium', timeStyle: seconds ? 'medium' : 'short' }).format(new Date(at));

/**
 * A moment of the roll in the service's time zone, which decides when a day ends: in another one, the end of a month could be shown as
 * a time of the next month. Names the zone if the browser has another.
 */
export function momentText(at: string): string {
  const { timeZone } = pageFacts;
  const text = dateFormat({ dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(at));
  return timeZone === new Intl.DateTimeFormat().resolvedOptions().timeZone ? text : `${text} (${timeZone})`;
}

export const dayText = (at: string): string => dateFormat({ dateStyle: 'long' }).format(new Date(at));

export const timeText = (at: string): string => dateFormat({ timeStyle: 'short' }).format(new Date(at));

/** A time of day, from seconds since 1970. */
export const clockText = (seconds: number): string =>
  dateFormat({ timeStyle: 'medium' }).format(new Date(seconds * 1_000));

/** A date without a time (YYYY-MM-DD), which is the same day in every time zone. */
export const dateText = (date: string): string =>
  dateFormat({ dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(`${date}T00:00:00Z`));

const moneyText = (amount: number): string =>
  numberFormat({
    minimumFractionDigits: amount % 1 === 0 ? 0 : 2,
    maximumFractionDigits: 2,
  }).format(amount) + ' €';

/** A stretch of time: 8 s, 3 min, 2 h. */
export function durationText(seconds: number): string {
  if (seconds < 1) return `${numberText(seconds, 1)} s`;
  if (seconds < 120) return `${numberText(seconds)} s`;
  return seconds < 7_200 ? `${numberText(seconds / 60)} min` : `${numberText(seconds / 3_600)} h`;
}

const DATES = new Set(['fechaalta', 'fechabaja']);
const INSTANTS = new Set(['created_at', 'verificationExpires']);

/** A member's value. No member is an object or array. */
export type Member = string | number | boolean | null | undefined;

/** A member's value as text; null if it has none. */
export function valueText(field: string, value: Member): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (typeof value === 'boolean') return value ? texts().yes : texts().no;
  if (field === 'cuota' && typeof value === 'number') return moneyText(value);
  if (field === 'socio') return texts().socio[String(value)] ?? String(value);
  if (DATES.has(field) && /^\d{4}-\d\d-\d\d$/.test(String(value))) return dateText(String(value));
  if (INSTANTS.has(field) && !Number.isNaN(Date.parse(String(value)))) return instantText(String(value));
  return String(value);
}

export const fieldName = (field: string): string => texts().fields[field] ?? field;
