import type { Request } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import type { Importer } from '../../commands/handling/importer.ts';
import { normalDni } from '../../validation/dni.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import { recordOf } from '../records/importRecords.ts';
import { idMember } from '../update/updateDecision.ts';
import { heldDnis } from '../update/heldDnis.ts';
import { reserveNewIds } from '../update/reserveNewIds.ts';
import { updateLine } from '../update/updateLine.ts';
import { idOf, importOne, inWaves, type ReadyLine } from './importBatch.ts';
import type { ImportReport } from './importCounts.ts';

/** A line of an update, checked. */
export interface GivenLine {
  line: number;
  given: Members;
}

export interface Updating {
  commands: Pick<CommandSide, 'handle' | 'lookups' | 'repository'>;
  importer: Importer;
  /** The actor and the reason; its correlation is that of the whole file. */
  request: Request;
}

/**
 * Edits the people that these lines name, and registers unknown ones. Lines keep the order of the
 * list if they may touch the same person or the same DNI or account, also one that a line frees; all
 * others run concurrently. Errors as for importBatch.
 */
export async function updateBatch(
  { commands, importer, request }: Updating,
  kind: ImportKind,
  batch: readonly GivenLine[],
  report: ImportReport,
): Promise<void> {
  const lines = batch.map(({ given }) => given);
  const held = await heldDnis(commands, kind, lines);
  const reserved = await reserveNewIds({ commands, importer }, kind, lines, new Set(held.values()));
  const keys = keysInOrder(kind, held);
  await inWaves(batch, keys, async ({ line, given }) => {
    const found = await updateLine(commands, kind, given, request);
    if (found.outcome === 'refused') report.fail(line, found.reasons);
    else if (found.outcome === 'unchanged') report.counts.unchanged += 1;
    else if (found.outcome === 'changed') {
      report.counts.changed += 1;
      report.change?.(line, found.stream, found.changed);
    } else {
      const read = recordOf(kind, given);
      if ('reasons' in read) report.fail(line, [reason('unknown'), ...read.reasons]);
      else await registerLine(importer, { line, record: read.record }, report, reserved);
    }
  });
}

/** Registers the record of a line. Its id is not reserved yet if its DNI became free since. */
async function registerLine(
  importer: Importer,
  ready: ReadyLine,
  report: ImportReport,
  reserved: number,
): Promise<void> {
  const id = idOf(ready.record) ?? 0;
  if (id > reserved) await importer.reserveIds(ready.record.kind, id);
  await importOne(importer, ready, report);
}

/**
 * The names of what a line may touch, asked once for each line in the order of the list. `held`: the
 * DNIs that people have before the batch, by id. An edit of a person may free the DNI that an earlier
 * line gave them, so a line with an id has the DNIs of earlier lines with that id, too.
 */
function keysInOrder(
  kind: ImportKind,
  held: ReadonlyMap<number, string>,
): (line: GivenLine) => readonly string[] {
  const idName = idMember(kind);
  const dnisOf = new Map<number, Set<string>>();
  return ({ given }) => {
    const { [idName]: id, dni, cuenta } = given;
    const keys = typeof cuenta === 'string' ? [`cuenta ${cuenta}`] : [];
    const own = typeof dni === 'string' ? [normalDni(dni)] : [];
    if (typeof id !== 'number') return [...keys, ...own.map(dniKey)];
    const before = held.get(id);
    const dnis = dnisOf.get(id) ?? new Set(before === undefined ? [] : [before]);
    for (const one of own) dnis.add(one);
    dnisOf.set(id, dnis);
    return [`id ${id}`, ...keys, ...[...dnis].map(dniKey)];
  };
}

const dniKey = (dni: string): string => `dni ${dni}`;
