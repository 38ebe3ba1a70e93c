import { isStrong, MIN_SECRET_BYTES, secretSetting } from './secretSetting.ts';

export type Environment = Partial<Record<string, string>>;

/** Reads settings one by one and collects their errors, so that all are reported together. */
export interface SettingsReader {
  readonly faults: string[];
  readonly warnings: string[];
  /** Whether NODE_ENV is `production`, in any letter case. */
  readonly isProduction: boolean;
  /** The trimmed value; null if it is not set or empty. */
  text(name: string): string | null;
  integer(name: string, fallback: number, maximum: number, minimum?: number): number;
  oneOf<T extends string>(name: string, values: readonly T[], fallback: T): T;
  url(name: string, schemes: RegExp, example: string): string | null;
  /**
   * A secret, exactly as given, from the variable or the file named by `name`_FILE. A short one is
   * an error in production or if `isServing`, otherwise a warning.
   */
  secret(name: string, isServing?: boolean): string | null;
  /** A secret exactly as given, from the variable or the file named by `name`_FILE; null if neither is set. */
  file(name: string): string | null;
  /** An error in production, a warning otherwise. */
  refuseInProduction(message: string): void;
}

/** Valid values of NODE_ENV: a misspelled `production` must not select development mode. */
const MODES = ['production', 'development', 'test'];

export function createSettingsReader(environment: Environment): SettingsReader {
  const faults: string[] = [];
  const warnings: string[] = [];
  const text = (name: string): string | null => environment[name]?.trim() || null;
  const mode = text('NODE_ENV')?.toLowerCase() ?? 'development';
  if (!MODES.includes(mode)) faults.push(`NODE_ENV must be one of ${MODES.join(', ')}`);
  const isProduction = mode === 'production';
  const refuseInProduction = (message: string): void => {
    (isProduction ? faults : warnings).push(message);
  };

  return {
    faults,
    warnings,
    isProduction,
    text,
    refuseInProduction,

    integer(name, fallback, maximum, minimum = 0) {
      const value = text(name);
      if (value === null) return fallback;
      const number = Number(value);
      if (/^\d+$/.test(value) && number >= minimum && number <= maximum) return number;
      faults.push(`${name} must be a whole number from ${minimum} to ${maximum}`);
      return fallback;
    },

    oneOf<T extends string>(name: string, values: readonly T[], fallback: T) {
      const value = text(name);
      if (value === null) return fallback;
      if ((values as readonly string[]).includes(value)) return value as T;
      faults.push(`${name} must be one of ${values.join(', ')}`);
      return fallback;
    },

    url(name, schemes, example) {
      const value = text(name);
      if (value !== null && !(schemes.test(value) && hasValidPorts(value)))
        faults.push(`${name} must look like ${example}`);
      return value;
    },

    file: (name) => secretSetting(name, environment, faults),

    secret(name, isServing = isProduction) {
      const secret = secretSetting(name, environment, faults);
      if (secret !== null && !isStrong(secret)) {
        (isServing ? faults : warnings).push(`${name} must have at least ${MIN_SECRET_BYTES} bytes`);
      }
      return secret;
    },
  };
}

const MAX_PORT = 65_535;

/** Whether each port that the hosts of a connection string name exists. A driver would only notice when it connects. */
function hasValidPorts(url: string): boolean {
  const [hosts = ''] = url
    .replace(/^[^/]*\/\//, '')
    .replace(/^.*@/, '')
    .split(/[/?]/);
  const ports = [...hosts.matchAll(/:(\d+)(?=,|$)/g)].map(([, port]) => Number(port));
  return ports.every((port) => port > 0 && port <= MAX_PORT);
}
