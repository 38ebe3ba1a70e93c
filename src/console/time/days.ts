/** The date, as YYYY-MM-DD, that an instant falls on in a time zone, given by its IANA name. */
export function dayIn(timeZone: string, at: Date): string {
  // Sweden writes dates so.
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(at);
}

/** The day before a date, both YYYY-MM-DD. */
export function dayBefore(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}
