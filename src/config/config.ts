import { DEFAULT_MAX_BYTES } from '../imports/jobs/uploads.ts';
import { readLimits, type LimitSettings } from '../http/access/limitSettings.ts';
import { DEFAULT_LEEWAY_SECONDS, type TokenRules } from '../http/access/tokenRules.ts';
import { DEFAULT_TIME_ZONE, isTimeZone } from '../roll/timeZone.ts';
import { readSealing } from './sealingSettings.ts';
import type { SealingSettings } from '../sealing/sealingSettings.ts';
import { createSettingsReader, type Environment, type SettingsReader } from './settingsReader.ts';
import { readTokenKeys } from './tokenSettings.ts';

/**
 * The operator's settings, from environment variables; docs/reference/configuration.md describes
 * each.
 */
export interface Config {
  port: number;
  host: string;
  dataDir: string;
  /** Null in development mode: a secret is generated and kept in dataDir. */
  keys: TokenRules['keys'] | null;
  issuer: string | null;
  audience: string | null;
  /** Clock difference tolerated for a token's `exp` and `nbf`. */
  leewaySeconds: number;
  /** esdb://…; null: the embedded event store. */
  eventStoreUrl: string | null;
  /** mongodb://…/name; null: the embedded read model. */
  mongoUrl: string | null;
  reservationKey: string | null;
  sealing: SealingSettings;
  readYourWritesMs: number;
  /** The IANA name of the time zone in which dates are interpreted. */
  timeZone: string;
  /** Largest list that POST /imports takes, in bytes. */
  maxImportBytes: number;
  limits: LimitSettings;
  logLevel: LogLevel;
  /** Settings that work but should be changed; logged at start and shown by `padron doctor`. */
  warnings: readonly string[];
}

export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
const DEFAULT_PORT = 3000;
const DEFAULT_READ_YOUR_WRITES_MS = 1_000;
const MAX_LEEWAY_SECONDS = 300;
const BYTES_PER_MIB = 1024 * 1024;

/** One or more settings are wrong; `faults` describes each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

/**
 * Reads the configuration. Throws ConfigError with all errors at once; an empty variable counts as
 * not set.
 */
export function readConfig(environment: Environment): Config {
  const read = createSettingsReader(environment);
  const host = read.text('HOST') ?? '127.0.0.1';
  const audience = read.text('JWT_AUDIENCE');
  const keys = readTokenKeys(read, { host, audience });
  const fault = (message: string): void => void read.faults.push(message);
  const isLimited = read.oneOf('RATE_LIMIT', ['on', 'off'], 'on') === 'on';
  const limits = readLimits({ text: read.text, integer: read.integer, fault }, isLimited);

  const config: Config = {
    port: read.integer('PORT', DEFAULT_PORT, 65_535),
    host,
    dataDir: read.text('DATA_DIR') ?? './data',
    keys,
    issuer: read.text('JWT_ISSUER'),
    audience,
    leewaySeconds: read.integer('JWT_LEEWAY_SECONDS', DEFAULT_LEEWAY_SECONDS, MAX_LEEWAY_SECONDS),
    eventStoreUrl: read.url('EVENTSTORE_URL', /^(esdb|kurrentdb)(\+discover)?:\/\/[^/]/, 'esdb://host:2113'),
    mongoUrl: read.url('MONGODB_URL', /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/, 'mongodb://host:27017/padron'),
    // It can never be changed, so a weak one is only accepted in development mode.
    reservationKey: read.secret('RESERVATION_KEY', read.isProduction || keys !== null),
    sealing: readSealing(read),
    readYourWritesMs: read.integer('READ_YOUR_WRITES_MS', DEFAULT_READ_YOUR_WRITES_MS, 60_000),
    timeZone: readTimeZone(read),
    maxImportBytes:
      read.integer('MAX_IMPORT_MIB', DEFAULT_MAX_BYTES / BYTES_PER_MIB, 1_024, 1) * BYTES_PER_MIB,
    limits,
    logLevel: read.oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
    warnings: read.warnings,
  };
  if (read.faults.length > 0) throw new ConfigError(read.faults);
  return config;
}

function readTimeZone({ text, faults }: SettingsReader): string {
  const name = text('TIME_ZONE') ?? DEFAULT_TIME_ZONE;
  if (!isTimeZone(name)) faults.push('TIME_ZONE must be the IANA name of a time zone, such as Europe/Madrid');
  return name;
}
