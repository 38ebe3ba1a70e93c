import type { Request } from '../../commands/command.ts';
import type { CommandSide } from '../../commands/handling/commandSide.ts';
import type { Importer } from '../../commands/handling/importer.ts';
import { normalDni } from '../../validation/dni.ts';
import type { ImportKind, Members } from '../list/listLine.ts';
import { reason } from '../reasons/reason.ts';
import { recordOf } from '../records/importRecords.ts';
import { idMember } from '../update/updateDecision.ts';
import { updateLine } from '../update/updateLine.ts';
import { importOne, inWaves } from './importBatch.ts';
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

/** Edits the people that these lines name, and registers unknown ones. Errors as for importBatch. */
export async function updateBatch(
  { commands, importer, request }: Updating,
  kind: ImportKind,
  batch: readonly GivenLine[],
  report: ImportReport,
): Promise<void> {
  const idName = idMember(kind);
  const ids = batch.map(({ given }) => Number(given[idName] ?? 0));
  const largest = Math.max(0, ...ids);
  if (largest > 0) await importer.reserveIds(kind === 'users' ? 'user' : 'persona', largest);
  const keys = ({ given }: GivenLine): string[] => {
    const { [idName]: id, dni, cuenta } = given;
    return [
      ...(typeof id === 'number' ? [`id ${id}`] : []),
      ...(typeof dni === 'string' ? [`dni ${normalDni(dni)}`] : []),
      ...(typeof cuenta === 'string' ? [`cuenta ${cuenta}`] : []),
    ];
  };
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
      else await importOne(importer, { line, record: read.record }, report);
    }
  });
}
