import { masterKeyFrom } from '../sealing/masterKeys.ts';
import type { SettingsReader } from './settingsReader.ts';
import type { SealingSettings } from '../sealing/sealingSettings.ts';

/** SEALING, MASTER_KEY and MASTER_KEY_PREVIOUS. Errors go to the reader. */
export function readSealing(read: SettingsReader): SealingSettings {
  const masterKey = checked(read, 'MASTER_KEY', read.file('MASTER_KEY'));
  const previousMasterKey = checked(read, 'MASTER_KEY_PREVIOUS', read.file('MASTER_KEY_PREVIOUS'));
  const said = read.text('SEALING') === null ? null : read.oneOf('SEALING', ['on', 'off'], 'on');
  const wanted = said ?? (masterKey === null ? null : 'on');
  // A malformed key and an unreadable file are already reported under their own names.
  const isKeyNamed = read.text('MASTER_KEY') !== null || read.text('MASTER_KEY_FILE') !== null;
  if (read.isProduction && wanted !== 'off' && !isKeyNamed) {
    read.faults.push(
      'MASTER_KEY must be set when NODE_ENV is production, or SEALING=off to store personal data in clear for ever',
    );
  }
  if (previousMasterKey !== null && !isKeyNamed) {
    read.faults.push('MASTER_KEY_PREVIOUS needs MASTER_KEY');
  }
  return { wanted, masterKey, previousMasterKey };
}

function checked(read: SettingsReader, name: string, text: string | null): string | null {
  if (text === null || masterKeyFrom(text)) return text;
  read.faults.push(`${name} must be 32 bytes in base64 (openssl rand -base64 32)`);
  return null;
}
