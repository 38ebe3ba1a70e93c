import { Command } from 'commander';
import { resolve } from 'node:path';
import { openSqliteLeases } from '../platform/sqlite/leases.ts';
import { openStoredEvents } from '../service/stores.ts';
import type { Config } from '../config/config.ts';
import type { Position } from '../events/eventStore.ts';
import type { KeyPlace } from '../sealing/opening/sealedStore.ts';
import { sealOnTheWay, type SealingCopy } from './copying/sealOnTheWay.ts';
import { OtherLogError } from './copying/compareLogs.ts';
import { copyLog, type CopyProgress } from './copying/copyLog.ts';
import { CliError, configFromEnvironment, EXIT } from './output/exit.ts';
import { requireDataPlace } from './checks/dataPlace.ts';
import { requireExistingData } from './checks/requireExistingData.ts';
import { interruptible } from './jobs/followJob.ts';

const TTY_INTERVAL_MS = 200;
const PIPE_INTERVAL_MS = 5_000;

export const copyCommand = (): Command =>
  new Command('copy')
    .description(
      'Copy every event to another event store, keeping streams, revisions, ids, metadata and order.',
    )
    .requiredOption('--to <url>', 'esdb://…, or a folder to be the DATA_DIR of an embedded store')
    .option(
      '--seal',
      'seal a log in clear text: encrypt what it says about each person with the key of that person',
    )
    .addHelpText(
      'after',
      `
Copies from the event store that the environment selects (EVENTSTORE_URL, DATA_DIR). Stop its servers first:
events appended while this runs may be missing from the copy, which is then reported. After an interruption,
run it again: it continues where it stopped. At the end both logs are compared event by event. Views are not
copied: a server builds them from the copy. A sealed log is copied as it is, without its keys: see npx padron keys copy.
With --seal, the keys go where a server over the copy looks for them: the database beside MONGODB_URL if that is set,
else the folder --to, or DATA_DIR for a copy in EventStoreDB. They are wrapped with MASTER_KEY, or in development mode
with a key that is made beside them.
Exit code 0: copied and verified; 1: interrupted, or a store failed; 2: wrong call, or the target holds other
events.`,
    )
    .action(copy);

async function copy({ to, seal = false }: { to: string; seal?: boolean }): Promise<void> {
  const config = configFromEnvironment();
  const place = placeOf(to, config);
  if (seal) requireMasterKey(config);
  requireExistingData(config);
  const release = await lockFolder(place);
  const source = await openStoredEvents(config);
  const target = await openStoredEvents(place, { bulk: true });
  let sealing: SealingCopy | null = null;
  try {
    const head = await source.head();
    // Otherwise a wrong server address would be reported as «copied and verified».
    if (head === null) throw new CliError(NOTHING_TO_COPY, EXIT.usage);
    if (seal) sealing = await sealOnTheWay({ source, target }, keyPlaceOf(place, config));
    await copyBetween(sealing ?? { source, target }, head);
  } catch (error) {
    if (error instanceof OtherLogError) throw new CliError(error.message, EXIT.usage);
    throw error;
  } finally {
    await sealing?.close();
    await target.close();
    await source.close();
    await release();
  }
}

const NOTHING_TO_COPY = 'nothing to copy: the event store that DATA_DIR or EVENTSTORE_URL names is empty';

type Place = Pick<Config, 'dataDir' | 'eventStoreUrl'>;

/** The key of development mode is only made unless SEALING is off, as for a production log in clear. */
function requireMasterKey({ sealing: { wanted, masterKey } }: Config): void {
  if (wanted === 'off' && masterKey === null) {
    throw new CliError('--seal needs MASTER_KEY where SEALING is off', EXIT.usage);
  }
}

/** The key store that a server over the copy would use in this environment. */
const keyPlaceOf = (place: Place, { dataDir, mongoUrl, sealing }: Config): KeyPlace => ({
  dataDir: place.eventStoreUrl === null ? place.dataDir : dataDir,
  mongoUrl,
  sealing,
});

function placeOf(to: string, { dataDir, eventStoreUrl }: Config): Place {
  const isUrl = /^(esdb|kurrentdb)(\+discover)?:\/\/[^/]/.test(to);
  if (!isUrl && to.includes('://')) {
    throw new CliError('--to must be esdb://host:2113 or the path of a folder', EXIT.usage);
  }
  const isSame = isUrl ? to === eventStoreUrl : eventStoreUrl === null && resolve(to) === resolve(dataDir);
  if (isSame) throw new CliError('--to is the event store being copied', EXIT.usage);
  if (!isUrl) requireDataPlace({ dataDir: to }, '--to');
  return { dataDir: to, eventStoreUrl: isUrl ? to : null };
}

/** A server on the target folder would append between the copied events. */
async function lockFolder({ dataDir, eventStoreUrl }: Place): Promise<() => Promise<void>> {
  if (eventStoreUrl !== null) return async () => undefined;
  const leases = openSqliteLeases({ folder: dataDir });
  const lease = await leases.acquire('serve', { signal: AbortSignal.abort() });
  if (!lease) throw new CliError(`${dataDir} is in use by a «padron serve»`, EXIT.usage);
  return () => leases.close();
}

async function copyBetween(
  { source, target, prepare }: Pick<SealingCopy, 'source' | 'target'> & Partial<SealingCopy>,
  head: Position,
): Promise<void> {
  const onProgress = progressOn(process.stderr);
  const { events, found, isWhole, digest } = await interruptible(
    (signal) => copyLog({ source, target, ...(prepare ? { prepare } : {}), signal, onProgress }),
    { needsReader: false },
  );
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  console.log(`${events} events: ${events - found} copied, ${found} already there`);
  if (!isWhole) {
    console.log('interrupted: run it again to continue');
    process.exitCode = EXIT.failed;
    return;
  }
  const how = prepare ? 'verified, sealed and event by event' : 'verified, event by event';
  console.log(`${how}: sha256 ${String(digest)}`);
  if ((await source.head()) !== head) {
    console.log('the source has grown: stop its servers and run this again to copy the rest');
  }
}

function progressOn(stream: NodeJS.WriteStream): (progress: CopyProgress) => void {
  let shownAt = performance.now();
  return ({ phase, events }) => {
    const now = performance.now();
    if (now - shownAt < (stream.isTTY ? TTY_INTERVAL_MS : PIPE_INTERVAL_MS)) return;
    shownAt = now;
    const text = `${phase}: ${events} events`;
    stream.write(stream.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  };
}
