import { Command } from 'commander';
import { pino } from 'pino';
import { systemClock } from '../platform/clock.ts';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import type { Config } from '../config/config.ts';
import type { EventStore } from '../events/eventStore.ts';
import { fixedKey } from '../events/bookkeeping/settings.ts';
import { catchUpViews } from '../projections/maintaining/catchUp.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import type { FoundDifference } from '../verify/difference.ts';
import { verifyViews, type VerifyResult } from '../verify/verifyViews.ts';
import { projectedViews, VIEWS } from '../projections/views/allViews.ts';
import { builderFor, openEventStore, openReadModel } from '../service/stores.ts';
import { CliError, configFromEnvironment, EXIT } from './output/exit.ts';
import { requireExistingData } from './checks/requireExistingData.ts';
import { interruptible } from './jobs/followJob.ts';
import { differenceJson, differenceLine, progressLine, resultLine } from './output/verifyLines.ts';

interface VerifyCommandOptions {
  repair?: boolean;
  showValues?: boolean;
  json?: boolean;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description('Fold every stream, and compare with each view, the history and the reservations.')
    .option(
      '--repair',
      'write what differs anew from the events, and look again; the events stay as they are',
    )
    .option(
      '--show-values',
      'tell the values of members that differ: personal data (password hashes stay hidden)',
    )
    .option('--json', 'a JSON line a difference, and one for the result')
    .addHelpText(
      'after',
      `
Brings the views to the present end of the log first; a server may run meanwhile, and everybody may write. With --repair, a document is written anew,
a row, too; a document without events is emptied, a parked subject is tried again, and a value is claimed again for the one that holds it,
where nobody else does. What cannot be mended is told: two subjects with one value have to be edited by somebody.
Differences go to standard output, progress to standard error.
Exit code 0: there are no differences; 1: there are, or were before --repair mended them (run it again to see none), or it was interrupted, or a store
failed; 2: the call is wrong, or there is nothing to verify.`,
    )
    .action(verify);

async function verify(options: VerifyCommandOptions): Promise<void> {
  const config = configFromEnvironment();
  process.stdout.on('error', endQuietly);
  requireExistingData(config);
  const store = await openEventStore(config);
  try {
    const readModel = await openReadModel(config);
    try {
      process.exitCode = await verifyStores({ config, store, readModel }, options);
    } finally {
      await readModel.close();
    }
  } finally {
    await store.close();
  }
}

interface Opened {
  config: Config;
  store: EventStore;
  readModel: ReadModel;
}

async function verifyStores(opened: Opened, options: VerifyCommandOptions): Promise<number> {
  const result = await interruptible((signal) => runVerification(opened, options, signal));
  if (options.json) console.log(JSON.stringify(result));
  else console.log(resultLine(result, options.repair ?? false));
  if (!result.isWhole) console.error('padron: interrupted: what was not looked at is not told');
  return result.isWhole && result.differences === 0 ? EXIT.done : EXIT.failed;
}

async function runVerification(
  { config, store, readModel }: Opened,
  { repair = false, showValues = false, json = false }: VerifyCommandOptions,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const key = await fixedKey(store, config.reservationKey);
  // Another server's address would otherwise be without any difference.
  if (!key) {
    throw new CliError(
      'nothing to verify: the event store that DATA_DIR or EVENTSTORE_URL names is empty',
      EXIT.usage,
    );
  }
  const clock = systemClock;
  const fill = builderFor(config, { store, readModel, clock });
  const logger = pino({ level: 'silent' });
  const progress = progressLine(process.stderr, json);
  const upTo = await catchUpViews({
    views: projectedViews(),
    readModel,
    store,
    clock,
    fill,
    logger,
    signal,
    onWait: progress.note,
  });
  const result = await verifyViews({
    store,
    readModel,
    reservations: createCommandSide({ store, key, clock }).reservations,
    clock,
    documentViews: [VIEWS.personas, VIEWS.users],
    rowViews: [VIEWS.history],
    upTo,
    signal,
    repair,
    showValues,
    onProgress: async (told) => {
      progress.show(told);
    },
    onDifference: async (difference: FoundDifference) => {
      progress.clear();
      await print(`${json ? differenceJson(difference) : differenceLine(difference)}\n`);
    },
  });
  progress.clear();
  return result;
}

/** Writes to standard output, and waits where the reader is slower. */
async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** Whoever closes the pipe (`| head`) has seen enough: differences, for nothing else is printed before the end. */
function endQuietly(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(EXIT.failed);
}
