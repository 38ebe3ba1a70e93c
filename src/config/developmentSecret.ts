import { isStrong } from './secretSetting.ts';
import { type KeptSecret, existingOrMade, existing } from '../platform/files/keptSecret.ts';

const TOKENS: KeptSecret = {
  file: 'jwt-secret',
  encoding: 'base64url',
  isWhole: isStrong,
  remedy: 'remove it, and padron will create a new secret at the next start',
};

/**
 * The secret of development mode: generated once and kept in `dataDir`, readable by this user only
 * (mode 0600), so that tokens survive a restart. Throws DamagedSecretError.
 */
export const developmentSecret = (dataDir: string): string => existingOrMade(dataDir, TOKENS);

/** The secret if there is one, else null. Creates nothing. Throws DamagedSecretError. */
export const existingDevelopmentSecret = (dataDir: string): string | null => existing(dataDir, TOKENS);
