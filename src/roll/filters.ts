import type { Socio, UserRecord } from '../events/types.ts';
import { hasWords, searchWords } from '../projections/views/search.ts';
import { foldText } from '../validation/foldText.ts';
import type { RollKind } from './rollKinds.ts';

/** The filters of a list; null, or '' for `q`, means any. All but `q` are for users only. */
export interface RollFilters {
  /** Words that names, dni or e-mail contain, each of them. */
  q: string;
  /** Compared without regard to case, accents and outer white space. */
  categoria: string | null;
  socio: Socio | null;
  /** Active on a day: fechaalta on or before it, and no fechabaja on or before it. */
  activo: boolean | null;
}

export const NO_FILTERS: RollFilters = { q: '', categoria: null, socio: null, activo: null };

/** What a caller may say for `socio`. */
export const SOCIO_CHOICES: Readonly<Record<string, Socio>> = {
  Socio: 'Socio',
  NoSocio: 'NoSocio',
  1: 'Socio',
  0: 'NoSocio',
};

/** Whether a user is listed. `day` (YYYY-MM-DD) is the day for `activo`. Ignores `q`. */
export function acceptsUser({ categoria, socio, activo }: RollFilters, day: string): Accepts<UserRecord> {
  if (categoria === null && socio === null && activo === null) return null;
  const wanted = categoria === null ? null : folded(categoria);
  return (user) =>
    (wanted === null || folded(user.categoria) === wanted) &&
    (socio === null || user.socio === socio) &&
    (activo === null || isActive(user, day) === activo);
}

/** The test of a state; null: all are listed. */
export type Accepts<State> = ((state: State) => boolean) | null;

/** The same with `q`, as the word index of the views answers it. */
export function withWords<State extends object>(
  { view }: Pick<RollKind<State>, 'view'>,
  q: string,
  accepts: Accepts<State>,
): Accepts<State> {
  const words = searchWords(q);
  if (words.length === 0) return accepts;
  return (state) => (accepts?.(state) ?? true) && hasWords(view.searchTextOf(state), words);
}

// Dates are YYYY-MM-DD: the order of the texts is the order of the days.
const isActive = ({ fechaalta, fechabaja }: UserRecord, day: string): boolean =>
  fechaalta <= day && (fechabaja === null || fechabaja > day);

const folded = (text: string): string => foldText(text).trim();
