import { Command } from 'commander';
import { createRepository } from '../commands/loading/repository.ts';
import { goodRevision, type Aggregate } from '../domain/aggregate.ts';
import { persona } from '../domain/persona.ts';
import { user } from '../domain/user.ts';
import { createKnownSkips } from '../events/bookkeeping/skips.ts';
import type { EventStore } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import type { PersonaRecord, UserRecord } from '../events/types.ts';
import { asOf, type NotThere, type PointInTime } from '../history/asOf.ts';
import { matches, readHistoryQuery, type HistoryFilters, type HistoryQuery } from '../history/filters.ts';
import { correlatedEvents } from '../history/correlated.ts';
import { entriesOf } from '../history/subjectEntries.ts';
import { describeIssue } from '../presentation/issueTexts.ts';
import { createMoments, type Moments } from '../roll/moments.ts';
import { entryOf, type HistoryEntry } from '../projections/views/history.ts';
import { presentPersona, presentUser } from '../presentation/presentRecords.ts';
import { openEventStore } from '../service/stores.ts';
import { issueOf } from '../validation/schema.ts';
import { CliError, configFromEnvironment, EXIT, endWithReader } from './output/exit.ts';
import { print } from './output/print.ts';
import { requireExistingData } from './checks/requireExistingData.ts';
import { theSubject } from './checks/historySubject.ts';
import { entryLines, recordLines, type Style } from './output/timeline.ts';

/**
 * The options of the timeline, which a record at a point in time has no use for: the compiler asks for one of
 * each filter of the history but the subject.
 */
const TIMELINE_OPTIONS: Record<
  Exclude<keyof HistoryFilters, 'subject'> | 'order' | 'limit',
  [string, string]
> = {
  type: ['<type>', 'only events of this type, such as UserEdited'],
  actor: ['<account>', 'only changes by this account'],
  correlation: ['<id>', 'only changes by the request with this X-Correlation-Id'],
  field: ['<member>', 'only events that changed this member, such as cuota'],
  from: ['<instant>', 'at or after this instant, such as 2024-03-01T00:00:00Z'],
  to: ['<instant>', 'before this instant'],
  q: ['<words>', 'only entries that contain these words'],
  order: ['<order>', 'asc or desc (default: "desc")'],
  limit: ['<n>', 'maximum number of entries (default: all)'],
};

type TimelineOption = keyof typeof TIMELINE_OPTIONS;

interface HistoryOptions extends Partial<Record<TimelineOption, string>> {
  at?: string;
  revision?: string;
  json?: boolean;
}

export function historyCommand(): Command {
  const command = new Command('history')
    .description(
      'Show who changed what on a person or user, when, from which value to which. Reads the event store directly.',
    )
    .argument('[subject]', 'persona-5, user-15, a DNI, or an id; may be left out with --correlation');
  for (const [name, [value, text]] of Object.entries(TIMELINE_OPTIONS))
    command.option(`--${name} ${value}`, text);
  return command
    .option(
      '--at <moment>',
      'show the record as it was then: an instant, or a date, whose end in TIME_ZONE counts',
    )
    .option('--revision <n>', 'show the record as of this revision, instead of the timeline')
    .option('--json', 'JSON: {"entries":[…],"next":null}, or the record')
    .addHelpText(
      'after',
      `
Colours are used on a terminal only; NO_COLOR turns them off.
Exit code 0: done; 1: no such subject, or not at that time; 2: wrong call, or an ambiguous subject.`,
    )
    .action(async (subject: string | undefined, options: HistoryOptions) => {
      const config = configFromEnvironment();
      const query = queryOf(options);
      const most = mostOf(options);
      const moment = momentOf(options, createMoments(config.timeZone));
      if (moment) refuseTimelineOptions(options);
      if (subject === undefined && (options.correlation === undefined || moment))
        throw new CliError('name a person or user, or say --correlation', EXIT.usage);
      endWithReader();
      requireExistingData(config);
      const store = await openEventStore(config);
      try {
        if (subject === undefined) {
          await printTimeline(operationEntries(store, query), { ...query, most }, options);
          return;
        }
        const stream = await theSubject(store, config.reservationKey, subject);
        if (moment) await printRecord(store, stream, moment, options);
        else await printTimeline(entriesOf(store, stream, query.order), { ...query, most }, options);
      } finally {
        await store.close();
      }
    });
}

function queryOf(options: HistoryOptions): HistoryQuery {
  const { at: _at, revision: _revision, limit: _limit, json: _json, ...parameters } = options;
  const read = readHistoryQuery(parameters);
  if ('query' in read) return read.query;
  throw new CliError(read.faults.map((fault) => `--${describeIssue(fault)}`).join('\n'), EXIT.usage);
}

/** Entries are printed as they are read, so any number is fine, not only the API's page sizes. */
function mostOf({ limit }: HistoryOptions): number {
  if (limit === undefined) return Infinity;
  if (!/^[1-9]\d{0,14}$/.test(limit))
    throw new CliError('--limit must be a whole number of at least 1', EXIT.usage);
  return Number(limit);
}

function momentOf({ at, revision }: HistoryOptions, moments: Moments): PointInTime | null {
  if (at !== undefined && revision !== undefined) {
    throw new CliError('--at and --revision cannot both be given', EXIT.usage);
  }
  if (revision !== undefined) {
    if (!/^\d{1,15}$/.test(revision)) throw new CliError('--revision must be a whole number', EXIT.usage);
    return { revision: Number(revision) };
  }
  if (at === undefined) return null;
  const read = moments.readForRecord(at, Date.now());
  if ('at' in read) return read;
  throw new CliError(describeIssue(issueOf('--at', read.issue)), EXIT.usage);
}

function refuseTimelineOptions(options: HistoryOptions): void {
  const names = Object.keys(TIMELINE_OPTIONS) as TimelineOption[];
  const given = names.find((name) => options[name] !== undefined);
  if (given === undefined) return;
  const moment = options.at === undefined ? '--revision' : '--at';
  throw new CliError(describeIssue(issueOf(`--${given}`, 'alone', moment)), EXIT.usage);
}

/** The entries of all subjects with the requested correlation. */
async function* operationEntries(
  store: EventStore,
  { filters: { correlation }, order }: HistoryQuery,
): AsyncGenerator<HistoryEntry> {
  const entries: HistoryEntry[] = [];
  for await (const event of correlatedEvents(store, correlation ?? '')) {
    const entry = entryOf(event);
    if (entry) entries.push(entry);
  }
  yield* order === 'asc' ? entries : entries.reverse();
}

async function printTimeline(
  entries: AsyncIterable<HistoryEntry>,
  { filters, most }: Pick<HistoryQuery, 'filters'> & { most: number },
  { json = false }: HistoryOptions,
): Promise<void> {
  let printed = 0;
  if (json) await print('{"entries":[');
  for await (const entry of entries) {
    if (printed >= most) break;
    if (!matches(filters, entry)) continue;
    if (json) await print(`${printed > 0 ? ',' : ''}\n${JSON.stringify(entry)}`);
    else await print(`${printed > 0 ? '\n' : ''}${entryLines(entry, terminalStyle()).join('\n')}\n`);
    printed += 1;
  }
  if (json) await print('\n],"next":null}\n');
  else if (printed === 0) console.error('padron: no entries');
}

async function printRecord(
  store: EventStore,
  stream: string,
  moment: PointInTime,
  { json = false }: HistoryOptions,
): Promise<void> {
  const shown =
    subjectOf(stream)?.kind === 'persona'
      ? await recordAt<PersonaRecord>(store, persona, stream, moment, presentPersona)
      : await recordAt<UserRecord>(store, user, stream, moment, presentUser);
  await print(
    json
      ? `${JSON.stringify(shown.record, null, 2)}\n`
      : `${recordLines(stream, shown, terminalStyle()).join('\n')}\n`,
  );
}

const MISSING: Record<NotThere, string> = {
  unknown: 'no such person or user',
  'before-first': 'it was not registered yet at that time',
  'after-removal': 'the user had been removed by that time',
  'beyond-last': 'there is no such revision',
  erased: 'it was erased',
};

async function recordAt<State>(
  store: EventStore,
  aggregate: Aggregate<State>,
  stream: string,
  moment: PointInTime,
  shown: (state: State) => object,
): Promise<{ record: object; revision: number; at: string | null }> {
  const subjects = createRepository(store, createKnownSkips(store));
  const was = await asOf(subjects, aggregate, stream, moment);
  if ('missing' in was) throw new CliError(MISSING[was.missing]);
  const { state, occurredAt } = was.loaded;
  return { record: shown(state), revision: goodRevision(was.loaded), at: occurredAt };
}

const terminalStyle = (): Style => ({
  colour: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
});
