/** The date, as YYYY-MM-DD, that an instant falls on in a time zone, given by its IANA name. */
export function dayIn(timeZone: string, at: Date): string {
  // Sweden writes dates as YYYY-MM-DD.
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at);
}

/** Whether a text is a date of the calendar, YYYY-MM-DD, from the year 1 on. */
export function isDate(text: string): boolean {
  const instant = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(instant) && text > '0001' && new Date(instant).toISOString().slice(0, 10) === text;
}

/** The day before a date, both YYYY-MM-DD. */
export function dayBefore(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
