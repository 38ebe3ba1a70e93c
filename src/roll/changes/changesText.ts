import type { RollChange } from './changes.ts';

/** The columns of changes as a table: a line per person who joined or left, and per changed field of others. */
export const CHANGE_COLUMNS = ['kind', 'id', 'dni', 'name', 'field', 'before', 'after'] as const;

/** The lines of one change. */
export function changeLines({ kind, id, dni, name, changes }: RollChange): unknown[][] {
  const who = [kind, id, dni, name];
  if (kind !== 'changed') return [[...who, null, null, null]];
  return changes.map(({ field, before, after }) => [...who, field, before, after]);
}
