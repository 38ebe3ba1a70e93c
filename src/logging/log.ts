import { pino, type DestinationStream, type Logger, type LoggerOptions } from 'pino';
import { memberNamesWhere } from '../domain/members.ts';
import { systemClock } from '../platform/clock.ts';
import type { LogLevel } from '../config/config.ts';

/** Members with personal data or secrets: if one ever reaches a log line, it is redacted. */
const PERSONAL = [...memberNamesWhere(({ redacted }) => redacted), 'authorization', 'token'];

/**
 * The service's log: one JSON object per line, to standard output unless `destination` is given.
 */
export function createLogger(level: LogLevel, destination?: DestinationStream): Logger {
  const redact = { paths: PERSONAL.flatMap((member) => [member, `*.${member}`]), censor: '***' };
  return withFormat({ level, redact }, destination);
}

/**
 * The access log. Its lines have a fixed list of members without personal data, so it skips the
 * redaction, which costs as much as the rest of the line.
 */
export const createAccessLogger = (level: LogLevel, destination?: DestinationStream): Logger =>
  withFormat({ level }, destination);

function withFormat(options: LoggerOptions, destination?: DestinationStream): Logger {
  const all = { ...options, base: null, timestamp: isoTime };
  return destination ? pino(all, destination) : pino(all);
}

/** The time member of a line. */
const isoTime = (): string => `,"time":"${systemClock.now()}"`;
