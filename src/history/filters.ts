import { issueOf, type Issue } from '../validation/schema.ts';
import { subjectOf, subjectStream } from '../events/streams.ts';
import { memberNamesWhere } from '../domain/members.ts';
import { HISTORY_TYPES } from '../events/catalogue.ts';
import { hasValue, keyOf, type HistoryEntry, type KeyName } from '../projections/views/history.ts';
import { searchText, searchWords } from '../projections/views/search.ts';
import { parseInstant } from './instant.ts';

/** The requested entries; null, or '' for `q`, means any. */
export interface HistoryFilters extends Record<KeyName, string | null> {
  /** First instant, in milliseconds since 1970. */
  from: number | null;
  /** First instant after the range, exclusive. */
  to: number | null;
  /** Words that the summary or the changes must all contain. */
  q: string;
}

/** A query of the history. */
export interface HistoryQuery {
  filters: HistoryFilters;
  /** The names of the given filters, which may be logged, unlike their values. */
  given: string[];
  order: 'asc' | 'desc';
  limit: number;
  cursor: string | null;
}

export const DEFAULT_LIMIT = 50;
export const MAX_PAGE = 1_000;
export const MAX_SEARCH_LENGTH = 200;
export const MAX_ACCOUNT_LENGTH = 1_000;

/** In order of preference for a walk if several have the same number of entries. */
const PREFERENCE: Record<KeyName, true> = {
  subject: true,
  correlation: true,
  field: true,
  actor: true,
  type: true,
};
const KEY_NAMES = Object.keys(PREFERENCE) as KeyName[];
const FILTERS = [...KEY_NAMES, 'from', 'to', 'q'] as const;
const OTHERS = ['order', 'limit', 'cursor'] as const;

/** The members that are looked for most come first. */
const FIRST = ['nombres', 'nombre', 'apellidos', 'dni'];
const FIELDS = new Set([...FIRST, ...memberNamesWhere(() => true)]);
FIELDS.delete('id');
FIELDS.delete('IdUsuario');

export const HISTORY_FIELDS = [...FIELDS];

type Parameters = Partial<Record<string, string | string[]>>;

/** Reads a query from the parameters of a query string, or returns all its issues by name. */
export function readHistoryQuery(parameters: Parameters): { query: HistoryQuery } | { faults: Issue[] } {
  const faults: Issue[] = Object.keys(parameters)
    .filter((name) => ![...FILTERS, ...OTHERS].some((known) => known === name))
    .map((name) => issueOf(name, 'additionalProperties'));

  /** The parameter's value as `read` parses it; null if it is missing or invalid. */
  function take<T>(name: string, read: (text: string) => T | null, rule: string, wanted?: unknown): T | null {
    const text = parameters[name];
    if (text === undefined) return null;
    const value = typeof text === 'string' ? read(text) : null;
    if (value === null) faults.push(issueOf(name, rule, wanted));
    return value;
  }
  const oneOf =
    (values: readonly string[]) =>
    (text: string): string | null =>
      values.includes(text) ? text : null;

  const filters: HistoryFilters = {
    type: take('type', oneOf(HISTORY_TYPES), 'enum', HISTORY_TYPES),
    field: take('field', oneOf(HISTORY_FIELDS), 'enum', HISTORY_FIELDS),
    actor: take('actor', (text) => (text.length <= MAX_ACCOUNT_LENGTH ? text || null : null), 'account'),
    subject: take('subject', subjectIn, 'subject'),
    correlation: take('correlation', correlationIn, 'correlation'),
    from: take('from', (text) => parseInstant(text)?.ceiling ?? null, 'date-time'),
    to: take('to', (text) => parseInstant(text)?.ceiling ?? null, 'date-time'),
    q:
      take('q', (text) => (text.length <= MAX_SEARCH_LENGTH ? text : null), 'maxLength', MAX_SEARCH_LENGTH) ??
      '',
  };
  const order = take('order', oneOf(['asc', 'desc']), 'enum', ['asc', 'desc']) ?? 'desc';
  const limit = take('limit', limitIn, 'limit', MAX_PAGE) ?? DEFAULT_LIMIT;
  const cursor = take('cursor', (text) => text || null, 'cursor');
  if (faults.length > 0) return { faults };
  const given = FILTERS.filter((name) => parameters[name] !== undefined);
  return { query: { filters, given, order: order as 'asc' | 'desc', limit, cursor } };
}

/** The index keys of these filters; first those that usually have the fewest entries. */
export const keysOf = (filters: HistoryFilters): string[] =>
  KEY_NAMES.flatMap((name) => {
    const value = filters[name];
    return value === null ? [] : [keyOf(name, value)];
  });

/** The test of `q` on an entry's JSON; null if `q` is empty. */
export function acceptsJson(q: string): ((json: string) => boolean) | null {
  const accepts = acceptsWords(q);
  return accepts && ((json) => accepts(JSON.parse(json) as HistoryEntry));
}

/** The test of `q` on an entry; null if `q` is empty. */
function acceptsWords(q: string): ((entry: HistoryEntry) => boolean) | null {
  const words = searchWords(q);
  if (words.length === 0) return null;
  return ({ summary, changes }) => {
    const texts = changes.flatMap(({ field, before, after }) => [field, textOf(before), textOf(after)]);
    const text = searchText(summary, ...texts);
    return words.every((word) => text.includes(word));
  };
}

/**
 * Whether an entry is requested: the same condition as the indexes', for entries read from a
 * stream.
 */
export function matches(filters: HistoryFilters, entry: HistoryEntry): boolean {
  const { from, to, q } = filters;
  const at = Date.parse(entry.at);
  const has = (name: KeyName): boolean => {
    const value = filters[name];
    return value === null || hasValue(entry, name, value);
  };
  return (
    KEY_NAMES.every(has) &&
    (from === null || at >= from) &&
    (to === null || at < to) &&
    (acceptsWords(q)?.(entry) ?? true)
  );
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' || value === null ? value : JSON.stringify(value);

function subjectIn(text: string): string | null {
  const subject = subjectOf(text);
  return subject && subjectStream(subject.kind, subject.id) === text ? text : null;
}

/** The text if it can be a correlation, else null. */
export const correlationIn = (text: string): string | null =>
  /^[A-Za-z0-9._:-]{1,128}$/.test(text) ? text : null;

function limitIn(text: string): number | null {
  const limit = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
  return limit >= 1 && limit <= MAX_PAGE ? limit : null;
}
