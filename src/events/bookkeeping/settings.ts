import { createHmac, createSecretKey, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { bookkeepingData } from './bookkeeping.ts';
import type { Clock } from '../../platform/clock.ts';
import { lastEventOf, NO_REVISION, type EventStore } from '../eventStore.ts';
import { newEvent, systemOrigin } from '../newEvent.ts';
import { SETTINGS_STREAM } from '../streams.ts';
import type { SettingsFixed } from '../types.ts';

/** RESERVATION_KEY, SEALING or MASTER_KEY is not what the log's first start fixed for good. */
export class SettingsMismatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SettingsMismatchError';
  }
}

/**
 * The HMAC key that names this log's reservation and key streams: `given` (RESERVATION_KEY), or one
 * generated here and stored in `padron-settings`. The first start fixes it for good, because
 * another key would lose every reservation. Rejects with SettingsMismatchError if `given` is not
 * the fixed key, or is missing although the log does not hold it.
 */
export async function settingsKey(
  { store, clock }: { store: EventStore; clock: Clock },
  given: string | null,
): Promise<KeyObject> {
  const known = await fixedKey(store, given);
  if (known) return known;
  await fixSettings(store, clock, given);
  const key = await fixedKey(store, given);
  if (!key) throw new Error('the event store does not return the settings that were just written');
  return key;
}

/**
 * The key if it is fixed, null for a log that no padron has used. Changes nothing. Errors as for
 * settingsKey.
 */
export async function fixedKey(store: EventStore, given: string | null): Promise<KeyObject | null> {
  const last = await lastEventOf(store, SETTINGS_STREAM);
  if (!last) return null;
  const fixed = bookkeepingData(last, 'SettingsFixed');
  await store.sealing?.confirm(fixed.sealedBy);
  const secret = given === null ? fixed.key : Buffer.from(given).toString('base64');
  if (secret === null) {
    throw new SettingsMismatchError(
      'RESERVATION_KEY is missing: the streams of this event store are named with it',
    );
  }
  const key = createSecretKey(Buffer.from(secret, 'base64'));
  if (fingerprintOf(key) !== fixed.fingerprint) {
    throw new SettingsMismatchError(
      'RESERVATION_KEY is not the key that the streams of this event store are named with',
    );
  }
  return key;
}

/** If another instance is first, nothing is stored here and its settings apply. */
async function fixSettings(store: EventStore, clock: Clock, given: string | null): Promise<void> {
  const bytes = given === null ? randomBytes(32) : Buffer.from(given);
  const data: SettingsFixed['data'] = {
    key: given === null ? bytes.toString('base64') : null,
    fingerprint: fingerprintOf(createSecretKey(bytes)),
    sealedBy: (await store.sealing?.choose()) ?? null,
  };
  const event = newEvent(
    randomUUID(),
    { type: 'SettingsFixed', data },
    systemOrigin(randomUUID()),
    clock.now(),
  );
  await store.append([{ stream: SETTINGS_STREAM, expected: NO_REVISION, events: [event] }]);
}

const fingerprintOf = (key: KeyObject): string =>
  createHmac('sha256', key).update('padron reservation key').digest('base64url');
