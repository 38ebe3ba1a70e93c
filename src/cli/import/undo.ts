import { Command } from 'commander';
import { randomUUID } from 'node:crypto';
import { createCommandSide } from '../../commands/handling/commandSide.ts';
import { settingsKey } from '../../events/bookkeeping/settings.ts';
import { correlatedEvents } from '../../history/correlated.ts';
import { correlationIn } from '../../history/filters.ts';
import { draftStore } from '../../imports/dryRun/draftStore.ts';
import { COMMAND_LINE } from '../../imports/reasons/door.ts';
import { reasonsText } from '../../imports/reasons/reasonTexts.ts';
import { changeInWords, correlationInWords, counted } from '../../imports/run/importTexts.ts';
import { operationOf } from '../../imports/undo/operation.ts';
import { undoOperation } from '../../imports/undo/undoOperation.ts';
import { systemRequest } from '../../imports/update/systemRequest.ts';
import { systemClock } from '../../platform/clock.ts';
import { describeIssue } from '../../presentation/issueTexts.ts';
import { openEventStore } from '../../service/stores.ts';
import { issueOf } from '../../validation/schema.ts';
import { requireExistingData } from '../checks/requireExistingData.ts';
import { CliError, configFromEnvironment, EXIT } from '../output/exit.ts';
import { requireReason } from './reasonOption.ts';

interface UndoOptions {
  reason?: string;
  dryRun?: boolean;
}

export const undoCommand = (): Command =>
  new Command('undo')
    .description('Undo the changes of the import or request with this correlation, by ordinary edits.')
    .argument('<correlation>', 'as npx padron import --update prints it, or an X-Correlation-Id')
    .option('--reason <text>', 'why; stored with every event; default: that it undoes the operation')
    .option('--dry-run', 'report exactly what the undo would do, and store nothing')
    .addHelpText(
      'after',
      `
Members that were changed since are left alone and listed. An undo can be undone, too, but removed users stay removed.
Exit code 0: everything is restored; 1: something was left alone, or no event has this correlation; 2: the call is wrong.`,
    )
    .action(runUndo);

async function runUndo(correlation: string, { reason, dryRun = false }: UndoOptions): Promise<void> {
  requireReason(reason);
  if (correlationIn(correlation) === null)
    throw new CliError(describeIssue(issueOf('correlation', 'correlation')), EXIT.usage);
  const config = configFromEnvironment();
  requireExistingData(config);
  const log = await openEventStore(config, { bulk: !dryRun });
  const store = dryRun ? draftStore(log) : log;
  try {
    const subjects = await operationOf(correlatedEvents(log, correlation));
    if (subjects.length === 0) throw new CliError('no event of a person or user has this correlation');
    const key = await settingsKey({ store, clock: systemClock }, config.reservationKey);
    const commands = createCommandSide({ store, key, clock: systemClock });
    const own = randomUUID();
    const counts = { changed: 0, removed: 0, left: 0 };
    await undoOperation(commands, subjects, systemRequest(own, reason ?? `undo of ${correlation}`), {
      change(stream, changed) {
        counts.changed += 1;
        if (dryRun) console.log(changeInWords(stream, changed));
      },
      remove() {
        counts.removed += 1;
      },
      leave(stream, member, reasons) {
        counts.left += 1;
        const what = member === null ? stream : `${stream} ${member}`;
        console.error(`left alone: ${what} ${reasonsText(reasons, COMMAND_LINE)}`);
      },
    });
    const would = dryRun ? 'would be ' : '';
    console.log(
      `${counted(subjects.length, 'person', 'people')} in the operation: ${counts.changed} ${would}edited back, ${counts.removed} ${would}removed, ${counts.left} left alone`,
    );
    if (!dryRun && counts.changed + counts.removed > 0)
      console.log(correlationInWords(own, { restorable: counts.changed, stay: counts.removed }));
    process.exitCode = counts.left > 0 ? EXIT.failed : EXIT.done;
  } finally {
    await store.close();
  }
}
