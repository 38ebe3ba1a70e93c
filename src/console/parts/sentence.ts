import { texts } from '../texts/texts.ts';
import type { Change } from './changesTable.ts';
import { fieldName } from './values.ts';

const MAX_NAMED = 3;

/** An entry of the history as a sentence in the language of the console. */
export function sentenceOf({
  type,
  changes,
  unreadable,
  erased,
}: {
  type: string;
  changes: readonly Change[];
  unreadable?: true;
  erased?: true;
}): string {
  const { entry } = texts();
  if (erased) return entry.erased;
  if (unreadable) return entry.unreadable;
  if (type.endsWith('Registered')) return entry.registered;
  if (type.endsWith('Removed')) return entry.removed;
  if (type.endsWith('Erased')) return entry.erased;
  const names = changes.map(({ field }) => fieldName(field));
  const named = names.slice(0, MAX_NAMED).join(', ');
  return names.length > MAX_NAMED ? entry.changedMany(named, names.length - MAX_NAMED) : entry.changed(named);
}
