/** The default of TIME_ZONE. */
export const DEFAULT_TIME_ZONE = 'UTC';

/** Whether this is the name of a time zone in the IANA database. An offset such as +02:00 is not, as it has no daylight saving. */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** The date (YYYY-MM-DD) that an instant, in milliseconds since 1970, falls on in a time zone (see isTimeZone). */
export function dayIn(timeZone: string): (at: number) => string {
  // Made when needed: it takes 10 ms, and most lists have their dates.
  let format: Intl.DateTimeFormat | undefined;
  return (at) => {
    format ??= new Intl.DateTimeFormat('en-u-ca-iso8601-nu-latn', {
      timeZone,
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
    });
    const parts = format.formatToParts(at);
    const part = (name: string): string => parts.find(({ type }) => type === name)?.value ?? '';
    return `${part('year').padStart(4, '0')}-${part('month')}-${part('day')}`;
  };
}
