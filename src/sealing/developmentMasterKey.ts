import { existingOrMade, existing, type KeptSecret } from '../platform/files/keptSecret.ts';
import { masterKeyFrom } from './masterKeys.ts';

/** The master key of development mode, as `developmentSecret`. */
export const developmentMasterKey = (dataDir: string): string => existingOrMade(dataDir, MASTER);

/** The master key if there is one already; null otherwise. Creates nothing. Throws DamagedSecretError. */
export const existingDevelopmentMasterKey = (dataDir: string): string | null => existing(dataDir, MASTER);

const MASTER: KeptSecret = {
  file: 'master-key',
  encoding: 'base64',
  isWhole: (text) => masterKeyFrom(text) !== null,
  remedy: 'put it back from its backup, for the people of this event log cannot be read without it',
};
