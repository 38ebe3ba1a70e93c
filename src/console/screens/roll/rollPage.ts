import { pathWith } from '../../app/api.ts';
import { presentFeatures } from '../../app/features.ts';
import { today } from '../../time/today.ts';
import type { Kind } from '../people/kinds.ts';

const FILTERS = ['q', 'categoria', 'socio', 'activo', 'at'] as const;
const PAGE = 50;

/** Whether the role may see the present roll, and not only past ones. */
export const seesPresent = (kind: Kind): boolean => presentFeatures()?.may('GET', kind.one) ?? false;

/** The filters of the roll that an address names; null for the others. */
export function rollFilters(kind: Kind, query: URLSearchParams): Record<string, string | null> {
  const filters = Object.fromEntries(FILTERS.map((name) => [name, query.get(name)]));
  // A date means its end, and today has not ended: read the present roll instead.
  if (filters['at'] && filters['at'] === today() && seesPresent(kind)) filters['at'] = null;
  return filters;
}

/** The path of the page of the roll that an address names. */
export const rollPagePath = (kind: Kind, query: URLSearchParams): string =>
  pathWith(kind.list, { ...rollFilters(kind, query), cursor: query.get('cursor'), limit: PAGE });

/** Whether an address of the roll shows a list; otherwise it shows changes or saved rolls. */
export const isRollList = (query: URLSearchParams): boolean =>
  !query.has('from') && query.get('show') !== 'saved';
