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

/** Lines per batch: their ids are reserved in one step. */
const BATCH = 1_000;

interface ImportOptions {
  kind?: ImportKind;
  format?: ImportFormat;
  errors?: string;
  dryRun?: boolean;
}

export const importCommand = (): Command =>
  new Command('import')
    .description('Import people from another system, keeping their ids, dates and password hashes.')
    .argument('<file>', 'NDJSON, or CSV with a header line; - for standard input')
    .addOption(
      new Option('--kind <kind>', 'what the file holds (default: by its members)').choices([
        'users',
        'personas',
      ]),
    )
    .addOption(
      new Option('--format <format>', 'format of the file (default: by its name or first character)').choices(
        ['csv', 'ndjson'],
      ),
    )
    .option('--errors <file>', 'write the number and errors of each failed line to this file, as NDJSON')
    .option('--dry-run', 'check every line without storing anything')
    .addHelpText(
      'after',
      `
After an interruption, run it again: what is already stored is skipped. A server may run at the same time.
Exit code 0: every line is stored; 1: some lines failed, or it was interrupted; 2: wrong call.`,
    )
    .action(runImport);

async function runImport(file: string, options: ImportOptions): Promise<void> {
  const config = configFromEnvironment();
  const source = await openSource(file);
  if (options.errors !== undefined) refuseToOverwrite(file, options.errors);
  const format = options.format ?? formatOf(file, source.first);
  // Opening an event store would create it.
  const store = options.dryRun ? null : await openEventStore(config, { bulk: true });
  try {
    const importer = store && (await importerInto(store, config.reservationKey));
    const progress = importProgress(options.errors ?? null);
    const isWhole = await importLines({ source, format, options, importer, progress });
    await progress.end();
    const { failed } = progress.counts;
    console.log(summaryOf(progress.counts, options.dryRun === true));
    if (!isWhole) console.log('interrupted: run it again to continue');
    process.exitCode = failed > 0 || !isWhole ? EXIT.failed : EXIT.done;
  } finally {
    await store?.close();
  }
}

function summaryOf({ lines, imported, unchanged, failed }: ImportCounts, isDryRun: boolean): string {
  const verb = isDryRun ? 'would be imported' : 'imported';
  const were = unchanged === 1 ? 'was' : 'were';
  return `${linesInWords(lines)}: ${imported} ${verb}, ${unchanged} ${were} already there, ${failed} failed`;
}

async function importerInto(store: EventStore, reservationKey: string | null): Promise<Importer> {
  const key = await settingsKey({ store, clock: systemClock }, reservationKey);
  const commands = createCommandSide({ store, key, clock: systemClock });
  return createImporter({ store, key, clock: systemClock, commands });
}

/** Processes the lines in batches; false if interrupted. The current batch is always finished. */
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
        'neither IdUsuario nor nombres is present: add --kind users or --kind personas',
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
