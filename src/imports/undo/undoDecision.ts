import type { SubjectKind } from '../../events/streams.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import type { Members } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import type { Changed } from '../update/correct.ts';

/** An undo's decision on the members that an operation changed. */
export interface FormerValues {
  /** Members that still have the operation's value, with the one before. */
  former: Members;
  /** Members that were changed since; members with their former value are in neither list. */
  left: string[];
}

/** The changes of an operation that can be undone, given the present state of the subject. Pure. */
export function decideUndoOfEdit(changes: NonNullable<Changed>, state: Members): FormerValues {
  const former: Members = {};
  const left: string[] = [];
  for (const [member, { from, to }] of Object.entries(changes)) {
    if (state[member] === from) continue;
    if (state[member] === to) former[member] = from;
    else left.push(member);
  }
  return { former, left };
}

/** An undo's decision on a subject that the operation registered; nothing if it was removed already. */
export type UndoOfRegistration = 'nothing' | 'remove' | Reason;

/** `revision`: of the operation's last event; `present`: the subject's present state. Pure. */
export function decideUndoOfRegistration(
  { kind, revision }: { kind: SubjectKind; revision: number },
  present: { state: object | null; revision: number },
): UndoOfRegistration {
  if (present.state === null) return 'nothing';
  if (kind === 'persona') return reason('persons-stay');
  return present.revision === revision ? 'remove' : reason('changed-since-registration');
}
