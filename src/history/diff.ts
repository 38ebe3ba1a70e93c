import { changeOf, type Change } from '../projections/views/history.ts';

/** The changes from `before` to `after`, two states of one subject. Secrets are masked. */
export function diffOf(before: object, after: object): Change[] {
  const old = before as Record<string, unknown>;
  return Object.entries(after)
    .filter(([field, value]) => value !== old[field])
    .map(([field, value]) => changeOf(field, old[field] ?? null, value));
}
