import type { Rejection } from '../commands/command.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { normalDni } from '../validation/dni.ts';
import { dni, requiredText } from '../validation/fields.ts';
import { foldText } from '../validation/foldText.ts';
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
  /** Who decided it, as typed; kept like the reason. Default: the account of the request's token. */
  by?: string;
  /** Null if the erasure was confirmed otherwise. */
  confirm: string | null;
  /** The id of the erasure before a restore lost it; its reason was certified then. Default: a new erasure. */
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
 * Whether the subject may be erased, given all its records in order, also those from before a removal;
 * none: it was never registered. Pure.
 */
export function decideErasure(
  { reason, by, confirm, id }: ErasureWish,
  records: readonly (PersonaRecord | UserRecord)[],
): 'erase' | Rejection {
  const last = records.at(-1);
  if (!last) return { code: 'not-found' };
  const isPersonal = (text: string): boolean => records.some((record) => namesSubject(text, record));
  const faults: Issue[] = [];
  if (confirm !== null && normalDni(confirm) !== normalDni(last.dni))
    faults.push(issueOf('confirm', 'confirm'));
  if (id === undefined && isPersonal(reason)) faults.push(issueOf('reason', 'personal'));
  if (by !== undefined && isPersonal(by)) faults.push(issueOf('actor', 'personal'));
  return faults.length > 0 ? { code: 'invalid', faults } : 'erase';
}

/** Words of names that any reason may contain. */
const PARTICLES = new Set(
  'a al d da das de dei del della den der di do dos du e el i la las le lo los san santa van von y'.split(
    ' ',
  ),
);
/** How many words of a name tell who it is; of a name with fewer, all. */
const MIN_COMMON_WORDS = 2;
/** A number with at least this many digits may be a telephone number rather than a date or a file. */
const MIN_DIGITS = 6;

/** Whether a text has the subject's DNI, e-mail or telephone number, or two words of the name (its only one, if it has no more). */
function namesSubject(text: string, record: PersonaRecord | UserRecord): boolean {
  const names = 'nombres' in record ? record.nombres : record.nombre;
  const email = emailOf(record);
  const digits = digitsOf(record.telefono ?? '');
  return (
    normalDni(text).includes(normalDni(record.dni)) ||
    (email !== null && foldText(text).includes(foldText(email))) ||
    (digits.length >= MIN_DIGITS && digitsOf(text).includes(digits)) ||
    namesPerson(text, `${names} ${record.apellidos}`)
  );
}

/** Of a person the account, if that is an e-mail address. */
function emailOf(record: PersonaRecord | UserRecord): string | null {
  if ('email' in record) return record.email;
  return record.cuenta?.includes('@') ? record.cuenta : null;
}

const digitsOf = (text: string): string => text.replace(/\D/g, '');

/** Short names count: Ana, Eva, Gil. */
function namesPerson(text: string, name: string): boolean {
  const said = wordsIn(text);
  const own = [...wordsIn(name)].filter((word) => !PARTICLES.has(word));
  const common = own.filter((word) => said.has(word)).length;
  return common > 0 && common >= Math.min(MIN_COMMON_WORDS, own.length);
}

const wordsIn = (text: string): Set<string> => new Set(foldText(text).match(/[\p{L}\p{N}]+/gu));
