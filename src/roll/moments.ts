import { Temporal } from '@js-temporal/polyfill';
import { parseInstant } from '../history/instant.ts';
import { dayIn } from './timeZone.ts';

/** Why a text is not a valid moment. */
export type MomentIssue = 'moment' | 'future';

/** A point in time, in milliseconds since 1970. */
export interface Moment {
  at: number;
}

/** Parses moments in one time zone. */
export interface Moments {
  /**
   * An RFC 3339 instant, or a date, which means the last millisecond of that day in the time zone. Refuses other texts
   * (`moment`) and moments after `now` (`future`).
   */
  read(text: string, now: number): Moment | { issue: MomentIssue };
  /** The same for a single record, for which a future instant is allowed and means the present state. */
  readForRecord(text: string, now: number): Moment | { issue: MomentIssue };
  /** The date (YYYY-MM-DD) that an instant falls on in the time zone. */
  dayOf(at: number): string;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** `timeZone`: see isTimeZone. */
export function createMoments(timeZone: string): Moments {
  const read: Moments['read'] = (text, now) => {
    const at = DATE.test(text) ? endOfDay(text, timeZone) : (parseInstant(text)?.floor ?? null);
    if (at === null) return { issue: 'moment' };
    return at > now ? { issue: 'future' } : { at };
  };
  return {
    read,
    readForRecord: (text, now) => read(text, DATE.test(text) ? now : Infinity),
    dayOf: dayIn(timeZone),
  };
}

/** The millisecond before the next day begins: a day has 23 or 25 hours where the clocks change. Null for a date that does not exist. */
function endOfDay(date: string, timeZone: string): number | null {
  try {
    const nextDay = Temporal.PlainDate.from(date, { overflow: 'reject' }).add({ days: 1 });
    return nextDay.toZonedDateTime(timeZone).epochMilliseconds - 1;
  } catch {
    return null;
  }
}
