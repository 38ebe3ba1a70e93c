import { masterKeyFrom } from '../sealing/masterKeys.ts';
import type { SettingsReader } from './settingsReader.ts';

/** Whether people's data is sealed, and with what. */
export interface SealingSettings {
  /** What the operator says; null: a new log is sealed, and any other stays what it is. */
  wanted: 'on' | 'off' | null;
  /** 32 bytes in base64; null: the key that development mode makes and keeps in DATA_DIR. */
  masterKey: string | null;
  /** Another key that still wraps, or will wrap, some of the keys; null outside of a rotation. */
  previousMasterKey: string | null;
}

/** SEALING, MASTER_KEY and MASTER_KEY_PREVIOUS. Their faults go to the reader. */
export function readSealing(read: SettingsReader): SealingSettings {
  const masterKey = checked(read, 'MASTER_KEY', read.file('MASTER_KEY'));
  const previousMasterKey = checked(read, 'MASTER_KEY_PREVIOUS', read.file('MASTER_KEY_PREVIOUS'));
  const said = read.text('SEALING') === null ? null : read.oneOf('SEALING', ['on', 'off'], 'on');
  const wanted = said ?? (masterKey === null ? null : 'on');
  // A file that could not be read is reported by its own name already.
  const isKeyNamed = masterKey !== null || read.text('MASTER_KEY_FILE') !== null;
  if (read.isProduction && wanted !== 'off' && !isKeyNamed) {
    read.faults.push(
      'MASTER_KEY must be set when NODE_ENV is production, or SEALING=off to store personal data in clear for ever',
    );
  }
  if (previousMasterKey !== null && masterKey === null) {
    read.faults.push('MASTER_KEY_PREVIOUS needs MASTER_KEY');
  }
  return { wanted, masterKey, previousMasterKey };
}

function checked(read: SettingsReader, name: string, text: string | null): string | null {
  if (text === null || masterKeyFrom(text)) return text;
  read.faults.push(`${name} must be 32 bytes in base64 (openssl rand -base64 32)`);
  return null;
}
