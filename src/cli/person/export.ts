import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Command, Option } from 'commander';
import { systemClock } from '../../platform/clock.ts';
import { DEFAULT_CSV } from '../../presentation/csv.ts';
import { readRolls } from '../../roll/named/rollLog.ts';
import { exportPerson } from '../../roll/person/exportPerson.ts';
import { exportCsv, exportJson } from '../../roll/person/exportTexts.ts';
import { openEventStore } from '../../service/stores.ts';
import { theSubject } from '../checks/historySubject.ts';
import { notEmpty } from '../checks/notEmpty.ts';
import { requireExistingData } from '../checks/requireExistingData.ts';
import { CliError, configFromEnvironment, endWithReader, EXIT } from '../output/exit.ts';
import { printRows } from '../output/rollLines.ts';

interface ExportOptions {
  format: 'json' | 'csv';
  output?: string;
}

export const exportCommand = (): Command =>
  new Command('export')
    .description('Export everything stored about one person: the record, every change, and the named rolls.')
    .argument('<subject>', 'persona-5, user-15, a DNI, or an id')
    .addOption(new Option('--format <format>', 'json or csv').choices(['json', 'csv']).default('json'))
    .option(
      '--output <file>',
      'write to this file, which must not exist, instead of standard output',
      notEmpty,
    )
    .addHelpText(
      'after',
      `
Reads the event store directly; a server may run at the same time. Credentials show as "***".
Exit code 0: done; 1: no such subject, or it was erased; 2: wrong call, or an ambiguous subject.`,
    )
    .action(async (text: string, { format, output }: ExportOptions) => {
      const config = configFromEnvironment();
      requireExistingData(config);
      const store = await openEventStore(config);
      try {
        const stream = await theSubject(store, config.reservationKey, text);
        const { rolls } = await readRolls(store);
        const found = await exportPerson(store, stream, { rolls, now: systemClock.now() });
        if (found === 'unknown') throw new CliError('no such person or user');
        if (found === 'erased') throw new CliError(`${stream} was erased`);
        const pages = found.changes();
        const pieces = format === 'csv' ? exportCsv(found, pages, DEFAULT_CSV) : exportJson(found, pages);
        if (output === undefined) {
          endWithReader();
          await printRows(pieces);
        } else await write(pieces, output);
        if (found.behind)
          console.error('padron: an event cannot be applied: the record is the one before it');
      } finally {
        await store.close();
      }
    });

/** Writes a new file, readable by its owner only: see the umask in main.ts. Leaves no part of one behind. */
async function write(pieces: AsyncIterable<string>, path: string): Promise<void> {
  const refuse = (error: unknown, exitCode: number): CliError =>
    new CliError(`${path} cannot be written: ${(error as NodeJS.ErrnoException).code ?? ''}`, exitCode);
  const file = createWriteStream(path, { flags: 'wx' });
  try {
    await once(file, 'open');
  } catch (error) {
    throw refuse(error, EXIT.usage);
  }
  try {
    await pipeline(pieces, file);
  } catch (error) {
    await rm(path, { force: true });
    // Any other failure is the event store's.
    throw (error as NodeJS.ErrnoException).syscall === 'write' ? refuse(error, EXIT.failed) : error;
  }
}
