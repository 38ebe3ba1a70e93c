import type { CommandSide } from '../../commands/handling/commandSide.ts';
import type { Importer } from '../../commands/handling/importer.ts';
import { inParallel } from '../../platform/concurrency/inParallel.ts';
import { normalDni } from '../../validation/dni.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { recordOf } from '../records/importRecords.ts';
import { idMember } from './updateDecision.ts';
import { decideLine, subjectKind } from './updateLine.ts';

/** Lines decided concurrently, as many as an import writes. */
const MAX_AT_ONCE = 250;

/**
 * Reserves the ids of lines that will be registered, so that a line without an id cannot get one of
 * them. A line that will be refused reserves nothing. `held`: the DNIs of people whom the lines name
 * by id, which a line may free for a later one. Returns the last reserved id. Rejects with
 * EventStoreError if the store is unreachable.
 */
export async function reserveNewIds(
  { commands, importer }: { commands: Pick<CommandSide, 'lookups' | 'repository'>; importer: Importer },
  kind: ImportKind,
  lines: readonly Members[],
  held: ReadonlySet<string>,
): Promise<number> {
  const idOf = (given: Members): number => Number(given[idMember(kind)] ?? 0);
  if (lines.every((given) => idOf(given) === 0)) return 0;
  const last = await importer.reservedUpTo(subjectKind(kind));
  const complete = lines.filter((given) => idOf(given) > last && 'record' in recordOf(kind, given));
  let largest = last;
  await inParallel(complete, MAX_AT_ONCE, async (given) => {
    const decided = await decideLine(commands, kind, given);
    if (decided.decision === 'register' || held.has(normalDni(String(given['dni']))))
      largest = Math.max(largest, idOf(given));
  });
  if (largest > last) await importer.reserveIds(subjectKind(kind), largest);
  return largest;
}
