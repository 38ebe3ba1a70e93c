import { Command } from 'commander';
import { pino, type Logger } from 'pino';
import { systemClock } from '../clock.ts';
import type { Config } from '../config.ts';
import { DEMO_ACCOUNT, registerDemoPeople } from '../demo.ts';
import { developmentSecret } from '../developmentSecret.ts';
import { lastEventOf, type EventStore } from '../events/eventStore.ts';
import { sequenceStream } from '../events/streams.ts';
import { settingsKey } from '../events/settings.ts';
import { createCommandSide } from '../commands/commandSide.ts';
import type { Lease } from '../projections/lease.ts';
import { openSqliteLeases } from '../projections/stores/sqlite/leases.ts';
import { createAccessLogger, createLogger } from '../log.ts';
import { startService, type Service } from '../service.ts';
import { openEventStore, openReadModel } from '../stores.ts';
import { CliError, configFromEnvironment, EXIT } from './exit.ts';
import { signToken } from './token.ts';

export const serveCommand = (): Command =>
  new Command('serve')
    .description('Serve the HTTP API and keep the views up to date.')
    .addHelpText(
      'after',
      `
Configured by environment variables: PORT, HOST, DATA_DIR, JWT_SECRET or JWKS_URI, JWT_ISSUER, JWT_AUDIENCE,
EVENTSTORE_URL, MONGODB_URL, RESERVATION_KEY, READ_YOUR_WRITES_MS, LOG_LEVEL.
Stops on Ctrl-C or SIGTERM, after the requests under way.`,
    )
    .action(serve);

async function serve(): Promise<void> {
  const config = configFromEnvironment();
  const lease = await leaseOfDataDir(config);
  const destination = pino.destination({ sync: false, minLength: 4_096 });
  const flushing = setInterval(() => {
    destination.flush();
  }, 200);
  const logger = createLogger(config.logLevel, destination);
  const store = await openEventStore(config);
  const readModel = await openReadModel(config);
  const keys = config.keys ?? { secret: developmentSecret(config.dataDir) };
  if (config.keys === null) await registerDemoPeopleOnce(config, store);

  const service = await startService({
    config,
    keys,
    store,
    readModel,
    clock: systemClock,
    logger,
    accessLogger: createAccessLogger(config.logLevel, destination),
  });
  logger.info({ url: service.url }, 'listening');
  if (config.keys === null && 'secret' in keys) printBanner(service, config, keys.secret);
  void service.ready.then(() => {
    logger.info('ready');
  });

  await stopSignal(logger);
  await service.stop();
  await readModel.close();
  await store.close();
  await lease?.release();
  logger.info('stopped');
  clearInterval(flushing);
  destination.flushSync();
  process.exit(EXIT.done);
}

/** Two servers on one folder would each keep the other's views. Other jobs (import) may work beside a server. */
async function leaseOfDataDir({ dataDir, eventStoreUrl, mongoUrl }: Config): Promise<Lease | null> {
  if (eventStoreUrl !== null && mongoUrl !== null) return null;
  const once = AbortSignal.abort();
  const lease = await openSqliteLeases({ folder: dataDir }).acquire('serve', { signal: once });
  if (!lease) throw new CliError(`DATA_DIR ${dataDir} is in use by another «padron serve»`, EXIT.usage);
  return lease;
}

async function registerDemoPeopleOnce(config: Config, store: EventStore): Promise<void> {
  if (config.eventStoreUrl !== null || !(await isUnused(store))) return;
  const key = await settingsKey({ store, clock: systemClock }, config.reservationKey);
  const commands = createCommandSide({ store, key, clock: systemClock });
  await registerDemoPeople({ store, key, clock: systemClock, commands });
}

/** Whether no id has ever been given out. */
async function isUnused(store: EventStore): Promise<boolean> {
  const sequences = (['persona', 'user'] as const).map((kind) => lastEventOf(store, sequenceStream(kind)));
  return (await Promise.all(sequences)).every((last) => last === null);
}

/** Settles at the first SIGTERM or SIGINT; a second one ends the process at once. */
function stopSignal(logger: Logger): Promise<void> {
  return new Promise((resolve) => {
    let asked = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (asked) process.exit(EXIT.failed);
        asked = true;
        logger.info({ signal }, 'stopping');
        resolve();
      });
    }
  });
}

function printBanner({ url }: Service, { dataDir }: Config, secret: string): void {
  const token = (sub: string, role: string): string => signToken({ sub, role, secret, ttl: '12h' });
  process.stdout.write(`
padron ${url}   (development mode: secret and data in ${dataDir})

Update a profile:
  curl -X PUT ${url}/api/personas/me \\
    -H 'Authorization: Bearer ${token(DEMO_ACCOUNT, 'asistente')}' \\
    -H 'Content-Type: application/json' \\
    -d '{"telefono":"+9876543210","foto_url":"https://example.com/new-photo.jpg"}'

Edit a user:
  curl -X POST ${url}/users/edit \\
    -H 'Authorization: Bearer ${token('monitor', 'monitor')}' \\
    -H 'Content-Type: application/json' \\
    -d '{"dni":"45678912C","nombre":"María","apellidos":"Rodríguez García","direccion":"Calle Sol 89","CP":"46002","provincia":"Valencia","poblacion":"Valencia","pais":"España","email":"maria@example.com","telefono":"633456789","fechaalta":"2024-03-15","fechabaja":null,"formadepago":"Tarjeta","cuota":30.00,"categoria":"socio","socio":"Socio"}'

Stop with Ctrl-C. What is stored stays.

`);
}
