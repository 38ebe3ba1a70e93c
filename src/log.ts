import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './config.ts';

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
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: PERSONAL.flatMap((member) => [member, `*.${member}`]), censor: '***' },
  };
  return destination ? pino(options, destination) : pino(options);
}
