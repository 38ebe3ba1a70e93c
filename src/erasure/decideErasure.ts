import type { Rejection } from '../commands/command.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { searchText, searchWords } from '../projections/views/search.ts';
import { normalDni } from '../validation/dni.ts';
import { dni, requiredText } from '../validation/fields.ts';
import { issueOf, type Issue, type JsonSchema } from '../validation/schema.ts';

/** A request to erase a person. */
export interface EraseBody {
  /** Kept permanently, in clear. */
  reason: string;
  /** The person's present DNI, to prevent erasing someone else by mistake. */
  confirm: string;
}

/** A request from the command line. */
export interface ErasureWish extends Pick<EraseBody, 'reason'> {
  /** Null if the erasure was confirmed otherwise. */
  confirm: string | null;
  /** The id of the erasure before a restore lost it. Default: a new one. */
  id?: string;
}

export const eraseSchema: JsonSchema = {
  type: 'object',
  properties: {
    reason: {
      ...requiredText,
      description: 'Why. Kept for good, readable for everybody with the log: no personal data.',
      examples: ['Request of 12 March, file 2026/81'],
    },
    confirm: { ...dni, description: 'The present DNI of the person, in any spelling.' },
  },
  required: ['reason', 'confirm'],
  additionalProperties: false,
};

/**
 * Whether the subject may be erased, given its last record, also from before a removal; null: there
 * never was one. Pure.
 */
export function decideErasure(
  { reason, confirm }: ErasureWish,
  last: PersonaRecord | UserRecord | null,
): 'erase' | Rejection {
  if (!last) return { code: 'not-found' };
  const faults: Issue[] = [];
  if (confirm !== null && normalDni(confirm) !== normalDni(last.dni))
    faults.push(issueOf('confirm', 'confirm'));
  if (namesSubject(reason, last)) faults.push(issueOf('reason', 'personal'));
  return faults.length > 0 ? { code: 'invalid', faults } : 'erase';
}

/** Words of a name that a reason may contain, such as `de` and `los`. */
const SHORT = 3;
/** A number with at least this many digits may be a telephone number rather than a date or a file. */
const MIN_DIGITS = 6;

/** Whether a text has the subject's DNI, e-mail or telephone number, or two words of the name. */
function namesSubject(text: string, record: PersonaRecord | UserRecord): boolean {
  const [names, email] = 'nombres' in record ? [record.nombres, null] : [record.nombre, record.email];
  const digits = digitsOf(record.telefono ?? '');
  return (
    normalDni(text).includes(normalDni(record.dni)) ||
    (email !== null && searchText(text).includes(searchText(email))) ||
    (digits.length >= MIN_DIGITS && digitsOf(text).includes(digits)) ||
    wordsInCommon(text, `${names} ${record.apellidos}`) > 1
  );
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

function wordsInCommon(text: string, name: string): number {
  const words = new Set(searchWords(text.replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')));
  const own = searchWords(name).filter((word) => word.length > SHORT);
  return new Set(own.filter((word) => words.has(word))).size;
}
