import { readLimits, type LimitSettings } from './http/limitSettings.ts';
import type { TokenRules } from './http/tokens.ts';

/** What an operator sets, by environment variables; the table in README.md, «Configure», describes each. */
export interface Config {
  port: number;
  host: string;
  dataDir: string;
  /** Null in development mode: a secret is made and kept in dataDir. */
  keys: TokenRules['keys'] | null;
  issuer: string | null;
  audience: string | null;
  /** esdb://…; null: the embedded event store. */
  eventStoreUrl: string | null;
  /** mongodb://…/name; null: the embedded read model. */
  mongoUrl: string | null;
  reservationKey: string | null;
  readYourWritesMs: number;
  limits: LimitSettings;
  logLevel: LogLevel;
}

export type LogLevel = (typeof LOG_LEVELS)[number];

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'silent'] as const;
const DEFAULT_PORT = 3000;
const DEFAULT_READ_YOUR_WRITES_MS = 1_000;

/** One or more settings are wrong; `faults` names each. */
export class ConfigError extends Error {
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ConfigError';
    this.faults = faults;
  }
}

type Environment = Partial<Record<string, string>>;

/** Reads the configuration. Throws ConfigError with every fault at once; an empty variable counts as not set. */
export function readConfig(environment: Environment): Config {
  const faults: string[] = [];
  const text = (name: string): string | null => environment[name]?.trim() || null;

  function integer(name: string, otherwise: number, most: number, least = 0): number {
    const value = text(name);
    if (value === null) return otherwise;
    const number = Number(value);
    if (/^\d+$/.test(value) && number >= least && number <= most) return number;
    faults.push(`${name} must be a whole number from ${least} to ${most}`);
    return otherwise;
  }

  function oneOf<T extends string>(name: string, values: readonly T[], otherwise: T): T {
    const value = text(name);
    if (value === null) return otherwise;
    if ((values as readonly string[]).includes(value)) return value as T;
    faults.push(`${name} must be one of ${values.join(', ')}`);
    return otherwise;
  }

  function url(name: string, schemes: RegExp, example: string): string | null {
    const value = text(name);
    if (value !== null && !schemes.test(value)) faults.push(`${name} must look like ${example}`);
    return value;
  }

  const secret = text('JWT_SECRET');
  const jwksUri = url('JWKS_URI', /^https?:\/\/[^/]/, 'https://login.example.org/.well-known/jwks.json');
  if (secret !== null && jwksUri !== null) faults.push('JWT_SECRET and JWKS_URI cannot both be set');
  if (secret === null && jwksUri === null && text('NODE_ENV') === 'production') {
    faults.push('JWT_SECRET or JWKS_URI must be set when NODE_ENV is production');
  }
  const fault = (message: string): void => void faults.push(message);
  const limits = readLimits({ text, integer, fault }, oneOf('RATE_LIMIT', ['on', 'off'], 'on') === 'on');

  const config: Config = {
    port: integer('PORT', DEFAULT_PORT, 65_535),
    host: text('HOST') ?? '127.0.0.1',
    dataDir: text('DATA_DIR') ?? './data',
    keys: keysOf(secret, jwksUri),
    issuer: text('JWT_ISSUER'),
    audience: text('JWT_AUDIENCE'),
    eventStoreUrl: url('EVENTSTORE_URL', /^(esdb|kurrentdb)(\+discover)?:\/\/[^/]/, 'esdb://host:2113'),
    mongoUrl: url('MONGODB_URL', /^mongodb(\+srv)?:\/\/[^/]+\/[^/?]+/, 'mongodb://host:27017/padron'),
    reservationKey: text('RESERVATION_KEY'),
    readYourWritesMs: integer('READ_YOUR_WRITES_MS', DEFAULT_READ_YOUR_WRITES_MS, 60_000),
    limits,
    logLevel: oneOf('LOG_LEVEL', LOG_LEVELS, 'info'),
  };
  if (faults.length > 0) throw new ConfigError(faults);
  return config;
}

function keysOf(secret: string | null, jwksUri: string | null): TokenRules['keys'] | null {
  if (secret !== null) return { secret };
  return jwksUri === null ? null : { jwksUri };
}
