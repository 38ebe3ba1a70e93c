import { Command } from 'commander';
import { fixedKey } from '../events/bookkeeping/settings.ts';
import { checkKeys, copyKeys, rotateKeys } from '../sealing/opening/checkKeys.ts';
import { keysOf, openKeyStore, type OpenedKeys } from '../sealing/opening/sealedStore.ts';
import { openEventStore, openStoredEvents } from '../service/stores.ts';
import { requireDataPlace } from './checks/dataPlace.ts';
import { requireExistingData } from './checks/requireExistingData.ts';
import { CliError, configFromEnvironment, EXIT } from './output/exit.ts';
import type { Config } from '../config/config.ts';

/** Maximum of names shown per kind of problem. */
const MAX_NAMED = 20;

export const keysCommand = (): Command =>
  new Command('keys')
    .description("Check, rotate and copy the keys that people's data is sealed with.")
    .addCommand(
      new Command('check')
        .description('Open every key and look for each key that the log needs.')
        .addHelpText(
          'after',
          '\nExit code 0: every key is there and opens, or was erased; 1: some are missing or do not open.',
        )
        .action(check),
    )
    .addCommand(
      new Command('rotate')
        .description('Wrap with MASTER_KEY every key that MASTER_KEY_PREVIOUS still wraps.')
        .addHelpText(
          'after',
          '\nServers may run meanwhile; each needs both keys in its environment first. May be repeated.',
        )
        .action(rotate),
    )
    .addCommand(
      new Command('copy')
        .description('Copy the keys, wrapped as they are, to the key store of another installation.')
        .requiredOption('--to <place>', 'its MONGODB_URL, or its DATA_DIR')
        .action(({ to }: { to: string }) => copy(to)),
    );

async function withKeys(work: (keys: OpenedKeys, config: Config) => Promise<void>): Promise<void> {
  const config = configFromEnvironment();
  requireExistingData(config);
  const store = await openEventStore(config);
  try {
    await fixedKey(store, config.reservationKey);
    const keys = await keysOf(store);
    if (!keys) throw new CliError('this event log is not sealed: there are no keys', EXIT.usage);
    await work(keys, config);
  } finally {
    await store.close();
  }
}

const check = (): Promise<void> =>
  withKeys(async (keys, config) => {
    const log = await openStoredEvents(config);
    const found = await checkKeys(keys, log).finally(() => log.close());
    console.log(`${found.keys} keys, ${found.erased} erased, ${found.unused} not needed by any event`);
    if (found.previous > 0) {
      console.log(`${found.previous} are still wrapped by MASTER_KEY_PREVIOUS: run «npx padron keys rotate»`);
    }
    name('cannot be opened', found.unreadable);
    name('missing', found.missing);
    if (found.unreadable.length + found.missing.length > 0) process.exitCode = EXIT.failed;
  });

const rotate = (): Promise<void> =>
  withKeys(async (keys) => {
    const { rotated, failed } = await rotateKeys(keys);
    console.log(`${rotated} keys are wrapped by MASTER_KEY now`);
    name('cannot be opened', failed);
    if (failed.length > 0) process.exitCode = EXIT.failed;
  });

async function copy(to: string): Promise<void> {
  const isUrl = /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/.test(to);
  if (!isUrl && to.includes('://')) {
    throw new CliError('--to must be mongodb://host:27017/name or the path of a folder', EXIT.usage);
  }
  if (!isUrl) requireDataPlace({ dataDir: to }, '--to');
  await withKeys(async (keys) => {
    const target = await openKeyStore({ dataDir: to, mongoUrl: isUrl ? to : null });
    const copied = await copyKeys(keys.store, target).finally(() => target.close());
    console.log(`${copied} keys and tombstones are there`);
  });
}

function name(trouble: string, subjects: readonly string[]): void {
  if (subjects.length === 0) return;
  const named = subjects.slice(0, MAX_NAMED).join(', ');
  const more = subjects.length > MAX_NAMED ? ` and ${subjects.length - MAX_NAMED} more` : '';
  console.log(`${subjects.length} ${trouble}: ${named}${more}`);
}
