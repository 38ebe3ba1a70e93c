import type { CommandSide } from '../../commands/handling/commandSide.ts';
import { persona } from '../../domain/persona.ts';
import { user } from '../../domain/user.ts';
import { subjectStream } from '../../events/streams.ts';
import { inParallel } from '../../platform/concurrency/inParallel.ts';
import { normalDni } from '../../validation/dni.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { idMember } from './updateDecision.ts';

/** Subjects read concurrently, as many as an import writes. */
const MAX_AT_ONCE = 250;

/**
 * The normal forms of the DNIs that the people with the ids of these lines have, by id. Reads nothing
 * if no line gives a DNI, or there is only one line: then no line meets the DNI of another. Rejects
 * with EventStoreError if the store is unreachable.
 */
export async function heldDnis(
  { repository }: Pick<CommandSide, 'repository'>,
  kind: ImportKind,
  lines: readonly Members[],
): Promise<Map<number, string>> {
  const held = new Map<number, string>();
  const idName = idMember(kind);
  const ids = new Set(lines.map((given) => given[idName]).filter((id) => typeof id === 'number'));
  if (lines.length < 2 || lines.every(({ dni }) => typeof dni !== 'string')) return held;
  await inParallel([...ids], MAX_AT_ONCE, async (id) => {
    const { state } =
      kind === 'users'
        ? await repository.fresh(user, subjectStream('user', id))
        : await repository.fresh(persona, subjectStream('persona', id));
    if (state) held.set(id, normalDni(state.dni));
  });
  return held;
}
