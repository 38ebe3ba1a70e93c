import { Command, Option } from 'commander';
import { systemClock } from '../platform/clock.ts';
import { csvText, DEFAULT_CSV } from '../presentation/csv.ts';
import { describeIssue } from '../presentation/issueTexts.ts';
import { CHANGE_COLUMNS } from '../roll/changes/changesText.ts';
import { acceptsUser, SOCIO_CHOICES, withWords, type Accepts, type RollFilters } from '../roll/filters.ts';
import { counted } from '../imports/run/importTexts.ts';
import { createMoments, type Moments } from '../roll/moments.ts';
import type { Candidate, RollReader } from '../roll/reading/readRoll.ts';
import { isStuck } from '../roll/reading/rollPage.ts';
import { createRollReaders } from '../roll/reading/rollReaders.ts';
import type { RollName } from '../roll/rollKinds.ts';
import { mapRows, toNdjsonLines } from '../roll/rollText.ts';
import { changesOf, linesOf, statesOn } from '../roll/wholeRoll/rollWork.ts';
import { issueOf } from '../validation/schema.ts';
import { retryingStores } from '../verify/job/retryWhileUnreachable.ts';
import { retryCalls } from './jobs/retryCalls.ts';
import { withViews } from './jobs/withViews.ts';
import { CliError, configFromEnvironment, endWithReader, EXIT } from './output/exit.ts';
import { printRows, tableText } from './output/rollLines.ts';

interface RollOptions {
  kind: RollName;
  at?: string;
  changesFrom?: string;
  format: Format;
  q?: string;
  categoria?: string;
  socio?: string;
  activo?: 'true' | 'false';
}

type Format = (typeof FORMATS)[number];
const FORMATS = ['table', 'csv', 'ndjson'] as const;

export const rollCommand = (): Command =>
  new Command('roll')
    .description('Print the roll as it stood at a moment, or what changed since an earlier one.')
    .addOption(
      new Option('--kind <kind>', 'users or personas').choices(['users', 'personas']).default('users'),
    )
    .option('--at <moment>', 'an RFC 3339 instant, or a date: the end of that day in TIME_ZONE; else now')
    .option('--changes-from <moment>', 'who joined, left or changed between this moment and --at')
    .addOption(new Option('--format <format>', 'table, csv or ndjson').choices(FORMATS).default('table'))
    .option('--q <words>', 'only people whose names, DNI or e-mail contain these words')
    .option('--categoria <categoria>', 'only users of this categoria')
    .addOption(
      new Option('--socio <socio>', 'only Socio (or 1), or only NoSocio (or 0)').choices(
        Object.keys(SOCIO_CHOICES),
      ),
    )
    .addOption(
      new Option('--activo <activo>', 'only users who were active on that day, or only others').choices([
        'true',
        'false',
      ]),
    )
    .addHelpText(
      'after',
      `
A server may run at the same time. A read that fails, as on a server with too much to do, is tried five times.
Exit codes: 0 done, 1 a store does not answer, 2 the call is wrong.`,
    )
    .action(async (options: RollOptions) => {
      const asked = readOptions(options, createMoments(configFromEnvironment().timeZone));
      endWithReader();
      await withViews(async ({ config, store, readModel }) => {
        const retrying = retryCalls(new AbortController().signal, (what) => {
          console.error(`padron: ${what}`);
        });
        const readers = createRollReaders({
          ...retryingStores({ store, readModel }, retrying),
          clock: systemClock,
          maxWaitMs: config.readYourWritesMs,
        });
        if (options.kind === 'users')
          await print(readers.users, asked, acceptsUser(asked.filters, asked.day));
        else await print(readers.personas, asked, null);
      });
    });

/** The requested output. */
interface Asked {
  /** Milliseconds since 1970. */
  at: number;
  /** Null: the roll itself. */
  from: number | null;
  filters: RollFilters;
  /** The day to which `activo` refers. */
  day: string;
  format: Format;
}

function readOptions(options: RollOptions, moments: Moments): Asked {
  const { kind, format, q = '', categoria = null, activo } = options;
  const socio = SOCIO_CHOICES[options.socio ?? ''] ?? null;
  const now = Date.now();
  const at = options.at === undefined ? now : momentOf('--at', options.at, moments, now);
  const from =
    options.changesFrom === undefined ? null : momentOf('--changes-from', options.changesFrom, moments, now);
  if (from !== null && from > at) {
    throw new CliError('--changes-from must not be later than --at', EXIT.usage);
  }
  const isFiltered = q !== '' || categoria !== null || socio !== null || activo !== undefined;
  if (from !== null && isFiltered) {
    throw new CliError('--changes-from takes no filters: it is about everybody', EXIT.usage);
  }
  if (kind === 'personas' && (categoria !== null || socio !== null || activo !== undefined)) {
    throw new CliError('--categoria, --socio and --activo are for users only', EXIT.usage);
  }
  if (categoria !== null && categoria.trim() === '')
    throw new CliError(describeIssue(issueOf('--categoria', 'minLength')), EXIT.usage);
  const filters = { q, categoria, socio, activo: activo === undefined ? null : activo === 'true' };
  return { at, from, filters, day: moments.dayOf(at), format };
}

function momentOf(option: string, text: string, moments: Moments, now: number): number {
  const read = moments.read(text, now);
  if ('at' in read) return read.at;
  throw new CliError(describeIssue(issueOf(option, read.issue)), EXIT.usage);
}

async function print<State extends object>(
  stored: RollReader<State>,
  { at, from, filters, format }: Asked,
  accepts: Accepts<State>,
): Promise<void> {
  const { reader, stuck } = countingStuck(stored);
  const { kind } = reader;
  const { horizon, behind } = await reader.start(at, null);
  if (behind) {
    console.error('padron: the view is behind, the newest people may be missing; start a server');
  }
  if (from !== null) {
    const changes = changesOf(reader, [{ ...horizon, at: from }, horizon]);
    if (format === 'ndjson') await printRows(toNdjsonLines(changes));
    else await printTable(format, CHANGE_COLUMNS, linesOf(changes));
    reportStuck(stuck());
    return;
  }
  const states = statesOn(reader, horizon, { accepts: withWords(kind, filters.q, accepts) });
  const entries = mapRows(states, kind.present);
  if (format === 'ndjson') await printRows(toNdjsonLines(entries));
  else
    await printTable(
      format,
      kind.columns,
      mapRows(entries, (entry): unknown[] => Object.values(entry)),
    );
  reportStuck(stuck());
}

/** The reader, and how many of the people whom it has read have an event that cannot be applied. */
function countingStuck<State extends object>(
  stored: RollReader<State>,
): { reader: RollReader<State>; stuck(): number } {
  let count = 0;
  async function* walk(...given: Parameters<RollReader<State>['walk']>): AsyncGenerator<Candidate<State>[]> {
    for await (const batch of stored.walk(...given)) {
      count += batch.filter(isStuck).length;
      yield batch;
    }
  }
  return { reader: { ...stored, walk }, stuck: () => count };
}

function reportStuck(count: number): void {
  if (count === 0) return;
  console.error(
    `padron: taken in the last good state, printed or not, because an event cannot be applied: ${counted(count, 'person', 'people')}; npx padron projections parked lists them`,
  );
}

async function printTable(
  format: 'table' | 'csv',
  columns: readonly string[],
  rows: AsyncIterable<readonly (readonly unknown[])[]>,
): Promise<void> {
  if (format === 'csv') await printRows(csvText(columns, rows, DEFAULT_CSV));
  else await printRows(tableText(columns, rows));
}
