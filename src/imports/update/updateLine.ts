import type { Request } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import type { Loaded } from '../../domain/aggregate.ts';
import { persona, personaDni } from '../../domain/persona.ts';
import { user, userDni } from '../../domain/user.ts';
import { subjectOf, subjectStream, type SubjectKind } from '../../events/streams.ts';
import type { Reason } from '../../projections/record/listImport.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { correct, type Changed } from './correct.ts';
import { differingMembers } from './difference.ts';
import { decideUpdate, idMember, isNamed, type NamedSubject, type UpdateDecision } from './updateDecision.ts';

/** The outcome of a line of an update. `unknown`: no subject has its id or DNI. */
export type UpdateOutcome =
  | { outcome: 'unknown' }
  | { outcome: 'unchanged' }
  | { outcome: 'changed'; stream: string; changed: NonNullable<Changed> }
  | { outcome: 'refused'; reasons: Reason[] };

type Commands = Pick<CommandSide, 'handle' | 'lookups' | 'repository'>;

/**
 * Edits the person or user with the line's id or DNI where the line's cells differ. Rejects with
 * EventStoreError if the store is unreachable.
 */
export async function updateLine(
  commands: Commands,
  kind: ImportKind,
  given: Members,
  request: Request,
): Promise<UpdateOutcome> {
  const decided = await decideLine(commands, kind, given);
  if (decided.decision === 'register') return { outcome: 'unknown' };
  if (decided.decision === 'nothing') return { outcome: 'unchanged' };
  if (decided.decision === 'refuse') return { outcome: 'refused', reasons: [decided.reason] };
  const { id } = decided;
  const wanted = (present: Members): Members | null =>
    isNamed(kind, given, present) ? differingMembers(kind, given, present) : null;
  const corrected = await correct(commands, { kind: subjectKind(kind), id, wanted }, request);
  if ('reasons' in corrected) return { outcome: 'refused', reasons: corrected.reasons };
  if (corrected.changed === null) return { outcome: 'unchanged' };
  return { outcome: 'changed', stream: subjectStream(subjectKind(kind), id), changed: corrected.changed };
}

/** What an update does with a line as the log is now. Errors as for updateLine. */
export const decideLine = async (
  commands: Pick<Commands, 'lookups' | 'repository'>,
  kind: ImportKind,
  given: Members,
): Promise<UpdateDecision> =>
  decideUpdate(kind, given, {
    byDni: await namedByDni(commands, kind, given['dni']),
    byId: await namedById(commands, kind, given[idMember(kind)]),
  });

export const subjectKind = (kind: ImportKind): SubjectKind => (kind === 'users' ? 'user' : 'persona');

async function namedByDni(
  { lookups }: Pick<Commands, 'lookups'>,
  kind: ImportKind,
  dni: unknown,
): Promise<NamedSubject | null> {
  if (typeof dni !== 'string') return null;
  const holder =
    kind === 'users'
      ? await lookups.holder(user, userDni(dni), 'fresh')
      : await lookups.holder(persona, personaDni(dni), 'fresh');
  const subject = holder && subjectOf(holder.stream);
  return subject ? named(subject.id, holder.loaded) : null;
}

async function namedById(
  { repository }: Pick<Commands, 'repository'>,
  kind: ImportKind,
  id: unknown,
): Promise<NamedSubject | null> {
  if (typeof id !== 'number') return null;
  const stream = subjectStream(subjectKind(kind), id);
  const loaded =
    kind === 'users' ? await repository.fresh(user, stream) : await repository.fresh(persona, stream);
  return loaded.began ? named(id, loaded) : null;
}

const named = (id: number, { state, erased }: Loaded<object>): NamedSubject => ({
  id,
  state: state === null ? null : { ...state },
  isErased: erased === true,
});
