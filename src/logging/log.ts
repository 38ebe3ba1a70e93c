import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { systemClock } from '../platform/clock.ts';
import type { LogLevel } from '../config/config.ts';

/** Members that hold personal data or secrets wherever they stand: should one ever reach a log line, it is not written. */
const PERSONAL = [
  'nombres',
  'nombre',
  'apellidos',
  'telefono',
  'dni',
  'foto_url',
  'cuenta',
  'direccion',
  'email',
  'password',
  'verificationCode',
  'authorization',
  'token',
];

/** The service's log: one JSON object a line, on standard output unless `destination` is given. */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const redact = { paths: PERSONAL.flatMap((member) => [member, `*.${member}`]), censor: '***' };
  return withFormat({ level, redact }, destination);
}

/**
 * The log of requests. Its lines have a fixed list of members, none of them personal (see src/http/requestLog.ts), so that it need not look for
 * such: that costs as much as the rest of the line.
 */
export const createAccessLogger = (level: LogLevel, destination?: DestinationStream): Logger =>
  withFormat({ level }, destination);

function withFormat(options: LoggerOptions, destination?: DestinationStream): Logger {
  const all = { ...options, base: null, timestamp: isoTime };
  return destination ? pino(all, destination) : pino(all);
}

/** The time member of a line. */
const isoTime = (): string => `,"time":"${systemClock.now()}"`;
