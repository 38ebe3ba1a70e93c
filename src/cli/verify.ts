import { Command } from 'commander';
import { pino } from 'pino';
import { systemClock } from '../platform/clock.ts';
import { createCommandSide } from '../commands/handling/commandSide.ts';
import type { Config } from '../config/config.ts';
import type { EventStore } from '../events/eventStore.ts';
import { fixedKey } from '../events/bookkeeping/settings.ts';
import { catchUpViews } from './jobs/catchUp.ts';
import type { ReadModel } from '../projections/ports/readModel.ts';
import type { FoundDifference } from '../verify/difference.ts';
import { retryingPorts } from '../verify/job/retryWhileUnreachable.ts';
import { verifyViews, type VerifyResult } from '../verify/verifyViews.ts';
import { projectedViews, viewsByKind } from '../projections/views/allViews.ts';
import { builderFor, openEventStore, openReadModel } from '../service/stores.ts';
import { CliError, configFromEnvironment, endWithReader, EXIT } from './output/exit.ts';
import { print } from './output/print.ts';
import { requireExistingData } from './checks/requireExistingData.ts';
import { interruptible } from './jobs/followJob.ts';
import { retryCalls } from './jobs/retryCalls.ts';
import { differenceJson, differenceLine, progressLine, resultLine } from './output/verifyLines.ts';

interface VerifyCommandOptions {
  repair?: boolean;
  showValues?: boolean;
  json?: boolean;
}

export const verifyCommand = (): Command =>
  new Command('verify')
    .description('Fold every stream and compare it with each view, the history and the reservations.')
    .option('--repair', 'rewrite what differs from the events and check again; events are never changed')
    .option(
      '--show-values',
      'show the differing values, which are personal data (password hashes stay hidden)',
    )
    .option('--json', 'one JSON line per difference, and one for the result')
    .addHelpText(
      'after',
      `
First catches the views up with the present end of the log. A server may run meanwhile, and writes continue.
A read or a repair that fails, as on a server with too much to do, is tried five times.
With --repair, differing documents and rows are rewritten, a document without events is emptied, a parked subject
is retried, and a value is claimed again for its holder unless another subject holds it too. What cannot be
repaired is reported: if two subjects hold one value, edit one of them.
Differences go to standard output, progress to standard error.
Exit code 0: no differences; 1: there are differences, or there were before --repair repaired them (run it again
to check), or it was interrupted, or a store failed; 2: wrong call, or nothing to verify.`,
    )
    .action(verify);

async function verify(options: VerifyCommandOptions): Promise<void> {
  const config = configFromEnvironment();
  // A reader that leaves has seen differences: nothing else is printed before the end.
  endWithReader(EXIT.failed);
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
  if (!result.isWhole) console.error('padron: interrupted; only the part checked so far is reported');
  return result.isWhole && result.differences === 0 ? EXIT.done : EXIT.failed;
}

async function runVerification(
  { config, store, readModel }: Opened,
  { repair = false, showValues = false, json = false }: VerifyCommandOptions,
  signal: AbortSignal,
): Promise<VerifyResult> {
  const key = await fixedKey(store, config.reservationKey);
  // Otherwise a wrong server address would seem to have no differences.
  if (!key) {
    throw new CliError(
      'nothing to verify: the event store that DATA_DIR or EVENTSTORE_URL names is empty',
      EXIT.usage,
    );
  }
  const clock = systemClock;
  const fill = builderFor(config);
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
  const retrying = retryCalls(signal, (what) => {
    progress.clear();
    console.error(`padron: ${what}`);
  });
  const { reservations } = createCommandSide({ store, key, clock });
  const result = await verifyViews({
    ...retryingPorts({ store, readModel, reservations }, retrying),
    clock,
    ...viewsByKind(),
    upTo,
    signal,
    repair,
    showValues,
    onProgress: async (made) => {
      progress.show(made);
    },
    onDifference: async (difference: FoundDifference) => {
      progress.clear();
      await print(`${json ? differenceJson(difference) : differenceLine(difference)}\n`);
    },
  });
  progress.clear();
  return result;
}
