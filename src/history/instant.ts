const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:([Zz])|([+\- ])(\d{2}):(\d{2}))$/;

const MINUTE_MS = 60_000;

/** An instant in milliseconds: `floor` rounds down, `ceiling` rounds up. */
export interface Instant {
  floor: number;
  ceiling: number;
}

/**
 * Parses an RFC 3339 instant; null if it is malformed or the date does not exist. Accepts a space
 * in place of the offset's plus sign, because query strings decode `+` as a space. A leap second is
 * the first second of the next month, as in POSIX.
 */
export function parseInstant(text: string): Instant | null {
  const parts = RFC3339.exec(text);
  if (!parts) return null;
  const [year = '', month = '', day = '', hour = '', minute = '', second = ''] = parts.slice(1);
  const [fraction = '', , sign = '+', offsetHour = '00', offsetMinute = '00'] = parts.slice(7);
  if (Number(month) < 1 || Number(month) > 12) return null;
  if (Number(day) < 1 || Number(day) > daysIn(Number(year), Number(month))) return null;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) return null;
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return null;
  const milliseconds = fraction.slice(0, 3).padEnd(3, '0');
  const offset = `${sign === '-' ? '-' : '+'}${offsetHour}:${offsetMinute}`;
  const minuteBegan = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:00${offset}`);
  if (second === '60' && !beginsMonth(minuteBegan + MINUTE_MS)) return null;
  const floor = minuteBegan + Number(second) * 1_000 + Number(milliseconds);
  return { floor, ceiling: /[1-9]/.test(fraction.slice(3)) ? floor + 1 : floor };
}

/** Leap seconds end a month in UTC. */
const beginsMonth = (at: number): boolean => new Date(at).toISOString().endsWith('-01T00:00:00.000Z');

/** Day 0 of the next month is the last day of this one. */
function daysIn(year: number, month: number): number {
  const date = new Date(Date.UTC(2000, month, 0));
  date.setUTCFullYear(year, month, 0);
  return date.getUTCDate();
}
