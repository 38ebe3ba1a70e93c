import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import { createImporter, type Importer } from '../commands/handling/importer.ts';
import type { Config } from '../config/config.ts';
import { settingsKey } from '../events/bookkeeping/settings.ts';
import type { EventStore } from '../events/eventStore.ts';
import { headingMapOf } from '../imports/columns/matchColumns.ts';
import { draftStore } from '../imports/dryRun/draftStore.ts';
import { ENCODINGS, type Encoding } from '../imports/reading/encoding.ts';
import type { ImportKind, ListFormat } from '../imports/list/listLine.ts';
import { readList, type List } from '../imports/reading/readList.ts';
import type { ImportReport } from '../imports/run/importCounts.ts';
import type { ImportCounts } from '../projections/record/listImport.ts';
import { importList } from '../imports/run/importList.ts';
import type { Updating } from '../imports/run/updateBatch.ts';
import { systemRequest } from '../imports/update/systemRequest.ts';
import { changeInWords, correlationInWords, notesOf, summaryOf } from '../imports/run/importTexts.ts';
import { SEPARATORS, type CsvFormat } from '../presentation/csv.ts';
import { systemClock } from '../platform/clock.ts';
import { dayIn } from '../roll/timeZone.ts';
import { isEventLogThere, openEventStore } from '../service/stores.ts';
import { requireDataPlace } from './checks/dataPlace.ts';
import { notEmpty } from './checks/notEmpty.ts';
import { configFromEnvironment, EXIT } from './output/exit.ts';
import { importProgress } from './import/importProgress.ts';
import { requireReason } from './import/reasonOption.ts';
import { openSource, refuseToOverwrite, type Source } from './import/importSource.ts';
import { interruptible } from './jobs/followJob.ts';

interface ImportOptions {
  kind?: ImportKind;
  format?: ListFormat;
  encoding?: Encoding;
  separator?: CsvFormat['separator'];
  decimal?: 'point' | 'comma';
  dates: 'iso' | 'dmy';
  map: string[];
  errors?: string;
  dryRun?: boolean;
  update?: boolean;
  reason?: string;
}

const oneOf = (flags: string, description: string, choices: readonly string[]): Option =>
  new Option(flags, description).choices(choices);

export const importCommand = (): Command =>
  new Command('import')
    .description(
      'Import people from a spreadsheet or another system, with their ids, dates and password hashes if it has them.',
    )
    .argument('<file>', 'CSV with a header line, or NDJSON; - reads standard input')
    .addOption(
      oneOf('--kind <kind>', 'what the file holds; default: as its columns show', ['users', 'personas']),
    )
    .addOption(
      oneOf('--format <format>', 'default: as the name or the first character shows', ['csv', 'ndjson']),
    )
    .addOption(
      oneOf('--encoding <name>', 'default: UTF-8, or Windows-1252 if the file is not UTF-8', ENCODINGS),
    )
    .addOption(
      oneOf(
        '--separator <name>',
        'between the cells of CSV; default: as the header shows',
        Object.keys(SEPARATORS),
      ),
    )
    .addOption(
      oneOf(
        '--decimal <sign>',
        'before decimals in CSV; default: comma where semicolons separate the cells',
        ['point', 'comma'],
      ),
    )
    .addOption(
      oneOf('--dates <form>', 'dates in CSV: iso (2024-03-15), or dmy (15/03/2024 as well)', [
        'iso',
        'dmy',
      ]).default('iso'),
    )
    .option(
      '--map <heading=member>',
      'the member that a column holds, as in "Nº socio=IdUsuario"; "heading=" leaves it out; may be repeated',
      (text: string, others: string[]) => [...others, text],
      [],
    )
    .option(
      '--errors <file>',
      'write the number and the errors of each line that failed to this file, as NDJSON',
      notEmpty,
    )
    .option('--update', 'edit people whose id or DNI is known: the cells that differ, and nothing else')
    .option('--reason <text>', 'why; kept with every event of this import')
    .option('--dry-run', 'say exactly what the import would do, and store nothing')
    .addHelpText(
      'after',
      `
Run it again after an interruption: lines that are already stored are skipped. A server may run at the same time.
Exit code 0: every line is stored; 1: some lines failed, or it was interrupted; 2: the call or the file is wrong.`,
    )
    .action(runImport);

async function runImport(file: string, options: ImportOptions): Promise<void> {
  const { kind = null, format = null, encoding = null, dates } = options;
  const { separator = null, decimal = null } = options;
  const { dryRun = false, update = false, reason } = options;
  const config = configFromEnvironment();
  const map = headingMapOf(options.map);
  requireReason(reason);
  const source = await openSource(file);
  if (options.errors !== undefined) refuseToOverwrite(file, options.errors);
  const reading = { name: file, kind, format, encoding, separator, decimal, dates, map, isUpdate: update };
  const list = await readList(source.chunks, reading);
  const store = await storeFor(config, { isDryRun: dryRun });
  try {
    const key = await settingsKey({ store, clock: systemClock }, config.reservationKey);
    const commands = createCommandSide({ store, key, clock: systemClock });
    const correlation = randomUUID();
    const dayOf = dayIn(config.timeZone);
    const clock = systemClock;
    const request = systemRequest(correlation, reason);
    const importer = createImporter({ store, key, clock, commands, request, dayOf });
    const updating = update ? { commands, importer, request } : null;
    const { imported, changed } = await runWith({ list, source, importer, updating, options });
    if (!dryRun && imported + changed > 0) {
      const stay = list.kind() === 'personas' ? imported : 0;
      console.log(correlationInWords(correlation, { restorable: imported + changed - stay, stay }));
    }
  } finally {
    await store.close();
  }
}

/** Imports the list and prints the outcome. If interrupted, it finishes the batch in progress first. */
async function runWith({
  list,
  source,
  importer,
  updating,
  options: { errors, dryRun = false, encoding },
}: {
  list: List;
  source: Source;
  importer: Importer;
  updating: Updating | null;
  options: ImportOptions;
}): Promise<ImportCounts> {
  const progress = importProgress(errors ?? null);
  const onBatch = (share: number | null): void => {
    progress.show(share);
  };
  const change: ImportReport['change'] = (line, stream, changed) => {
    console.log(`line ${line}: ${changeInWords(stream, changed)}`);
  };
  const report = dryRun ? { ...progress, change } : progress;
  const readShare = source.share;
  const isWhole = await interruptible(
    (signal) => importList({ list, importer, update: updating, report, signal, readShare, onBatch }),
    { needsReader: false },
  );
  await progress.end();
  const { counts } = progress;
  console.log(summaryOf(counts, { isDryRun: dryRun, isUpdate: updating !== null }));
  const guessed = encoding === undefined ? list.encoding() : null;
  for (const note of notesOf(counts, { isDryRun: dryRun, guessed })) console.log(note);
  if (!isWhole) console.log('interrupted: run it again to go on');
  process.exitCode = counts.failed > 0 || !isWhole ? EXIT.failed : EXIT.done;
  return counts;
}

/** A dry run writes to drafts over the log; if there is no log, it does not create one. */
async function storeFor(config: Config, { isDryRun }: { isDryRun: boolean }): Promise<EventStore> {
  if (config.eventStoreUrl === null) requireDataPlace(config);
  if (!isDryRun) return openEventStore(config, { bulk: true });
  return draftStore(isEventLogThere(config) ? await openEventStore(config) : null);
}
