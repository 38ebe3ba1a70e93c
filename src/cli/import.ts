import { Command, Option } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import { createImporter, type Importer, type ImportRecord } from '../commands/handling/importer.ts';
import type { EventStore } from '../events/eventStore.ts';
import { settingsKey } from '../events/bookkeeping/settings.ts';
import { describeIssue } from '../presentation/issueTexts.ts';
import { openEventStore } from '../service/stores.ts';
import { CliError, configFromEnvironment, EXIT } from './output/exit.ts';
import { importBatch } from './import/importBatch.ts';
import { csvLines } from './import/importCsv.ts';
import { ndjsonLines, type ImportFormat } from './import/importLines.ts';
import {
  importProgress,
  linesInWords,
  type ImportCounts,
  type ImportProgress,
} from './import/importProgress.ts';
import { describeCellFault, fromCells, kindOf, recordOf, type ImportKind } from './import/importRecords.ts';
import { formatOf, openSource, refuseToOverwrite, type Source } from './import/importSource.ts';

/** Lines of a batch: their ids are reserved in one step. */
const BATCH = 1_000;

interface ImportOptions {
  kind?: ImportKind;
  format?: ImportFormat;
  errors?: string;
  dryRun?: boolean;
}

export const importCommand = (): Command =>
  new Command('import')
    .description('Let people move in from another system, with their ids, dates and password hashes.')
    .argument('<file>', 'NDJSON, or CSV with a header line; - reads standard input')
    .addOption(
      new Option('--kind <kind>', 'what the file holds; left out: told by its members').choices([
        'users',
        'personas',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'left out: told by the name, or the first character').choices([
        'csv',
        'ndjson',
      ]),
    )
    .option(
      '--errors <file>',
      'write the number and the errors of each line that failed to this file, as NDJSON',
    )
    .option('--dry-run', 'check every line and store nothing')
    .addHelpText(
      'after',
      `
Run it again after an interruption: what is stored already is passed over. A server may run meanwhile.
Exit code 0: every line is in; 1: some lines failed, or it was interrupted; 2: the call is wrong.`,
    )
    .action(runImport);

async function runImport(file: string, options: ImportOptions): Promise<void> {
  const config = configFromEnvironment();
  const source = await openSource(file);
  if (options.errors !== undefined) refuseToOverwrite(file, options.errors);
  const format = options.format ?? formatOf(file, source.first);
  // Even to open an event store would make one where there is none.
  const store = options.dryRun ? null : await openEventStore(config, { bulk: true });
  try {
    const importer = store && (await importerInto(store, config.reservationKey));
    const progress = importProgress(options.errors ?? null);
    const isWhole = await importLines({ source, format, options, importer, progress });
    await progress.end();
    const { failed } = progress.counts;
    console.log(summaryOf(progress.counts, options.dryRun === true));
    if (!isWhole) console.log('interrupted: run it again to go on');
    process.exitCode = failed > 0 || !isWhole ? EXIT.failed : EXIT.done;
  } finally {
    await store?.close();
  }
}

function summaryOf({ lines, imported, unchanged, failed }: ImportCounts, isDryRun: boolean): string {
  const verb = isDryRun ? 'would be imported' : 'imported';
  const were = unchanged === 1 ? 'was' : 'were';
  return `${linesInWords(lines)}: ${imported} ${verb}, ${unchanged} ${were} in already, ${failed} failed`;
}

async function importerInto(store: EventStore, reservationKey: string | null): Promise<Importer> {
  const key = await settingsKey({ store, clock: systemClock }, reservationKey);
  const commands = createCommandSide({ store, key, clock: systemClock });
  return createImporter({ store, key, clock: systemClock, commands });
}

/** Works through the lines in batches; false when it was interrupted. The batch in hand is always finished. */
async function importLines({
  source,
  format,
  options,
  importer,
  progress,
}: {
  source: Source;
  format: ImportFormat;
  options: ImportOptions;
  /** Null for a dry run. */
  importer: Importer | null;
  progress: ImportProgress;
}): Promise<boolean> {
  const interruption = new AbortController();
  const interrupt = (): void => {
    interruption.abort();
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);

  let kind = options.kind ?? null;
  let batch: { line: number; record: ImportRecord }[] = [];
  async function flush(): Promise<void> {
    if (importer) await importBatch(importer, batch, progress);
    else progress.counts.imported += batch.length;
    batch = [];
    progress.show(source.share());
  }

  for await (const one of format === 'csv' ? csvLines(source.chunks) : ndjsonLines(source.chunks)) {
    progress.counts.lines += 1;
    if ('problem' in one) {
      progress.fail(one.line, [one.problem]);
      continue;
    }
    kind ??= kindOf(Object.keys(one.value));
    if (kind === null)
      throw new CliError(
        'neither IdUsuario nor nombres is there: say --kind users or --kind personas',
        EXIT.usage,
      );
    const read = recordOf(
      kind,
      format === 'csv' ? fromCells(kind, one.value as Record<string, string>) : one.value,
    );
    if ('faults' in read)
      progress.fail(one.line, read.faults.map(format === 'csv' ? describeCellFault : describeIssue));
    else batch.push({ line: one.line, record: read.record });
    if (batch.length >= BATCH) await flush();
    if (interruption.signal.aborted) break;
  }
  await flush();
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  return !interruption.signal.aborted;
}
