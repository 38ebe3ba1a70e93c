import type { Request } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import { persona, personaDni } from '../../domain/persona.ts';
import { user, userDni } from '../../domain/user.ts';
import { subjectStream, type SubjectKind } from '../../events/streams.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { correct, type Changed } from './correct.ts';
import { differingMembers, lockedMembers } from './difference.ts';

/** What became of a line of an update. `unknown`: nobody has its id or DNI. */
export type UpdateOutcome =
  | { outcome: 'unknown' }
  | { outcome: 'unchanged' }
  | { outcome: 'changed'; stream: string; changed: NonNullable<Changed> }
  | { outcome: 'refused'; problems: string[] };

/**
 * Changes the cells of a line that differ from the person or user whom its id or DNI names. Rejects with EventStoreError if the store is
 * unreachable.
 */
export async function updateLine(
  commands: Pick<CommandSide, 'handle' | 'lookups' | 'repository'>,
  kind: ImportKind,
  given: Members,
  request: Request,
): Promise<UpdateOutcome> {
  const found = await findSubject(commands, kind, given);
  if ('outcome' in found) return found;
  const { id, state } = found;
  const locked = lockedMembers(kind, given, state);
  if (locked.length > 0) return refused(`${locked.join(', ')} cannot be changed by an import`);
  if (Object.keys(differingMembers(kind, given, state)).length === 0) return { outcome: 'unchanged' };
  const subjectKind = kindOf(kind);
  const wanted = (present: Members): Members => differingMembers(kind, given, present);
  const corrected = await correct(commands, { kind: subjectKind, id, wanted }, request);
  if ('problems' in corrected) return { outcome: 'refused', problems: corrected.problems };
  if (corrected.changed === null) return { outcome: 'unchanged' };
  return { outcome: 'changed', stream: subjectStream(subjectKind, id), changed: corrected.changed };
}

const kindOf = (kind: ImportKind): SubjectKind => (kind === 'users' ? 'user' : 'persona');
const refused = (problem: string): UpdateOutcome => ({ outcome: 'refused', problems: [problem] });

async function findSubject(
  { lookups, repository }: Pick<CommandSide, 'lookups' | 'repository'>,
  kind: ImportKind,
  given: Members,
): Promise<UpdateOutcome | { id: number; state: Members }> {
  const id = given[kind === 'users' ? 'IdUsuario' : 'id'];
  const dni = given['dni'];
  const holder =
    typeof dni !== 'string'
      ? null
      : kind === 'users'
        ? await lookups.holder(user, userDni(dni), 'fresh')
        : await lookups.holder(persona, personaDni(dni), 'fresh');
  if (typeof id === 'number') {
    const stream = subjectStream(kindOf(kind), id);
    const loaded =
      kind === 'users' ? await repository.fresh(user, stream) : await repository.fresh(persona, stream);
    if (loaded.state) {
      if (holder && holder.stream !== stream) return refused('the id and the dni belong to two people');
      return { id, state: { ...loaded.state } };
    }
    if (loaded.began) return refused('was removed from the roll');
    if (holder) return refused('the dni belongs to a person with another id');
    return { outcome: 'unknown' };
  }
  if (!holder?.loaded.state) return { outcome: 'unknown' };
  const state: Members = { ...holder.loaded.state };
  return { id: Number(state[kind === 'users' ? 'IdUsuario' : 'id']), state };
}
