import type { Reason } from '../../projections/record/listImport.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import { normalDni } from '../../validation/dni.ts';
import { differingMembers, lockedMembers } from './difference.ts';

/** A subject that the id or the DNI of a line names. */
export interface NamedSubject {
  id: number;
  /** Null: it was removed, or erased. */
  state: Members | null;
  isErased: boolean;
}

/** An update's decision on a line. */
export type UpdateDecision =
  /** Its id and DNI are unknown, so it may be a registration. */
  | { decision: 'register' }
  | { decision: 'nothing' }
  | { decision: 'refuse'; reason: Reason }
  | { decision: 'edit'; id: number };

/**
 * Decides on a line, given the subjects with its id and with its DNI; null if there is none. The
 * edit itself is decided again when it is stored, because of concurrent edits. Pure.
 */
export function decideUpdate(
  kind: ImportKind,
  given: Members,
  { byId, byDni }: { byId: NamedSubject | null; byDni: NamedSubject | null },
): UpdateDecision {
  const holder = byDni?.state ? byDni : null;
  if (byId?.isErased) return refuse(reason('erased'));
  if (byId && !byId.state) return refuse(reason('removed'));
  if (byId && holder && holder.id !== byId.id) return refuse(reason('two-people'));
  const found = byId ?? (hasId(kind, given) ? null : holder);
  if (!found?.state) return holder ? refuse(reason('id-differs')) : { decision: 'register' };
  const locked = lockedMembers(kind, given, found.state);
  if (locked.length > 0) return refuse(reason('locked', { members: locked }));
  if (Object.keys(differingMembers(kind, given, found.state)).length === 0) return { decision: 'nothing' };
  return { decision: 'edit', id: found.id };
}

/** Whether a line names the subject in this state: without an id, the DNI must still be the subject's. Pure. */
export const isNamed = (kind: ImportKind, given: Members, state: Members): boolean =>
  hasId(kind, given) || normalDni(String(given['dni'])) === normalDni(String(state['dni']));

const hasId = (kind: ImportKind, given: Members): boolean => typeof given[idMember(kind)] === 'number';
const refuse = (why: Reason): UpdateDecision => ({ decision: 'refuse', reason: why });

/** The member that holds the id. */
export const idMember = (kind: ImportKind): 'IdUsuario' | 'id' => (kind === 'users' ? 'IdUsuario' : 'id');
