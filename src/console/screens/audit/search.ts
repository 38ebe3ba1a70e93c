import { isDate } from '../../time/days.ts';

/** The filters of the audit, as named in the address and in the API. */
export const FILTERS = [
  'q',
  'type',
  'field',
  'actor',
  'subject',
  'correlation',
  'from',
  'to',
  'order',
] as const;
export type Filter = (typeof FILTERS)[number];
export type Search = Partial<Record<Filter, string>>;

/**
 * The search in an address, as the API takes it. The days of `from` and `to` become instants in the browser's time zone;
 * the last day is included.
 */
export function searchIn(query: URLSearchParams): Search {
  const search: Search = {};
  for (const name of FILTERS) {
    const value = query.get(name)?.trim() ?? '';
    const isDay = (name === 'from' || name === 'to') && isDate(value);
    if (value !== '') search[name] = isDay ? instantOf(value, name === 'to' ? 1 : 0) : value;
  }
  return search;
}

function instantOf(day: string, later: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).toISOString();
}
