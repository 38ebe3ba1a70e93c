import { dateText, fieldName } from '../../parts/values.ts';
import { texts } from '../../texts/texts.ts';
import { isDate } from '../../time/days.ts';
import type { Filter } from './search.ts';

/** A filter's value in the language of the console; the others as they are in the address. */
export function valueWords(filter: Filter, value: string): string {
  if (filter === 'type') return texts().audit.types[value] ?? value;
  if (filter === 'field') return fieldName(value);
  if ((filter === 'from' || filter === 'to') && isDate(value)) return dateText(value);
  return value;
}
