import { editableMembers, membersWhere, PERSONA_MEMBERS, USER_MEMBERS } from '../../domain/members.ts';
import { normalDni } from '../../validation/dni.ts';
import { socioWord } from '../../commands/userRules.ts';
import type { Socio } from '../../events/types.ts';
import type { ImportKind, Members } from '../list/listLine.ts';

const EDITABLE: Record<ImportKind, readonly string[]> = {
  users: editableMembers(USER_MEMBERS),
  personas: editableMembers(PERSONA_MEMBERS),
};

/** Found by the id; a DNI has a rule of its own. */
const NAMES: readonly string[] = ['IdUsuario', 'id', 'dni'];
const LOCKED: Record<ImportKind, readonly string[]> = {
  users: lockedIn(USER_MEMBERS),
  personas: lockedIn(PERSONA_MEMBERS),
};

function lockedIn(table: typeof USER_MEMBERS | typeof PERSONA_MEMBERS): string[] {
  return membersWhere(table, ({ editable }) => !editable).filter((member) => !NAMES.includes(member));
}

/** The members of a line that differ from the record, with the line's values. */
export function differingMembers(kind: ImportKind, given: Members, state: Members): Members {
  const wanted: Members = {};
  for (const member of EDITABLE[kind]) {
    if (!(member in given)) continue;
    const value = member === 'socio' ? socioWord(given[member] as Socio | 0 | 1) : given[member];
    if (!isSame(value, state[member])) wanted[member] = value;
  }
  return wanted;
}

/** Null equals an empty text; digits without their leading zeros were damaged by a spreadsheet and count as equal. */
function isSame(cell: unknown, stored: unknown): boolean {
  if (cell === stored || ((cell ?? '') === '' && (stored ?? '') === '')) return true;
  if (typeof cell !== 'string' || typeof stored !== 'string') return false;
  return /^[1-9]\d*$/.test(cell) && stored.replace(/^0+/, '') === cell;
}

/** Members that differ although no edit may change them; reported by name. */
export function lockedMembers(kind: ImportKind, given: Members, state: Members): string[] {
  const differing = LOCKED[kind].filter((member) => {
    if (!(member in given) || isSame(given[member], state[member])) return false;
    return member !== 'created_at' || Date.parse(String(given[member])) !== Date.parse(String(state[member]));
  });
  const isOtherDni =
    kind === 'users' &&
    typeof given['dni'] === 'string' &&
    !isSame(normalDni(given['dni']), normalDni(String(state['dni'])));
  return isOtherDni ? ['dni', ...differing] : differing;
}
