import { join } from 'node:path';
import type { SealingSettings } from '../sealingSettings.ts';
import { developmentMasterKey, existingDevelopmentMasterKey } from '../developmentMasterKey.ts';
import { withCodec, type EventCodec } from '../../events/eventCodec.ts';
import { lastEventOf, type EventStore } from '../../events/eventStore.ts';
import type { Sealing } from '../../events/types.ts';
import { bookkeepingData } from '../../events/bookkeeping/bookkeeping.ts';
import { SettingsMismatchError } from '../../events/bookkeeping/settings.ts';
import { SETTINGS_STREAM } from '../../events/streams.ts';
import type { MaybeLater } from '../../platform/concurrency/maybeLater.ts';
import { beforeDeadline } from '../../platform/deadline.ts';
import { makePrivateFolder } from '../../platform/files/privateFolder.ts';
import { applyErasures } from './applyErasures.ts';
import { createKeyring, type Keyring } from '../keyring.ts';
import { KeyStoreError, type KeyStore } from '../keyStore.ts';
import { masterKeyFrom, type MasterKey, type MasterKeys } from '../masterKeys.ts';
import { sealerWith, type Sealer } from '../sealer.ts';
import { isOfNobody, isOpen, sealingCodec } from '../sealingCodec.ts';
import { openSqliteKeyStore } from '../stores/sqliteKeyStore.ts';

/** The location of people's keys, and the master keys. Can be passed to a thread. */
export interface KeyPlace {
  dataDir: string;
  /** The key store is the database `<name>_keys` next to this one; null: `keys.db` in dataDir. */
  mongoUrl: string | null;
  sealing: SealingSettings;
}

export interface OpenedKeys {
  store: KeyStore;
  masters: MasterKeys;
  keyring: Keyring;
  sealer: Sealer;
  codec: EventCodec;
  close(): Promise<void>;
}

/** Makes a sealer over a key store that is open in this thread, and may work in another. */
export type SealerOver = (place: KeyPlace, keyring: Keyring) => Sealer & { close(): Promise<void> };

/** The subject of the log's own key, which shows whether a key store and a master key belong to the log. */
export const LOG_SUBJECT = SETTINGS_STREAM;

/**
 * The store, which seals people's events if the log was begun sealed; a log in clear stays in clear.
 * The first call reads which it is and opens the keys; until the stores answer, calls reject with
 * EventStoreError. `sealerOver`: where keys are made and texts sealed and opened; default: in
 * this thread.
 */
export function sealedStore(
  raw: EventStore,
  place: KeyPlace,
  sealerOver?: SealerOver,
): EventStore & { sealing: Sealing } {
  let opening: Promise<OpenedKeys> | null = null;
  /** The keys of a sealed log; `clear` for a log in clear; null until it is known. */
  let known: OpenedKeys | 'clear' | null = null;

  const open = (mayMakeKey: boolean): Promise<OpenedKeys> => {
    opening ??= openKeys(place, mayMakeKey, sealerOver).catch((error: unknown) => {
      opening = null;
      throw error;
    });
    return opening;
  };

  async function learn(sealedBy: string | null): Promise<OpenedKeys | 'clear'> {
    if (sealedBy === null) return (known = 'clear');
    const keys = await open(false);
    // Never into the key store of another log, whose subjects have the same names.
    if (await isOfLog(keys, sealedBy)) await applyErasures(raw, keys);
    return (known = keys);
  }

  async function keysOfLog(): Promise<OpenedKeys | 'clear'> {
    const settings = await lastEventOf(raw, SETTINGS_STREAM);
    // Until its first start has ended, the log has no events about people.
    return settings ? learn(bookkeepingData(settings, 'SettingsFixed').sealedBy) : 'clear';
  }

  const codec: EventCodec = {
    encode(appends, options) {
      if (known === 'clear' || appends.every(isOfNobody)) return appends;
      if (known) return known.codec.encode(appends, options);
      return keysOfLog().then((keys) => (keys === 'clear' ? appends : keys.codec.encode(appends, options)));
    },
    decode(events, options) {
      if (known === 'clear' || (known === null && events.every(isOpen))) return events;
      if (known) return known.codec.decode(events, options);
      return keysOfLog().then((keys) => (keys === 'clear' ? events : keys.codec.decode(events, options)));
    },
  };

  function createKeys(subjects: readonly string[]): MaybeLater<('key' | 'erased')[]> {
    if (known === 'clear') return subjects.map(() => 'key');
    return known ? known.sealer.create(subjects) : createOnceKnown(subjects);
  }

  /** A log that has not begun is not known afterwards: then with the keys that there are. */
  async function createOnceKnown(subjects: readonly string[]): Promise<('key' | 'erased')[]> {
    await keysOfLog();
    return known === null ? (await open(false)).sealer.create(subjects) : createKeys(subjects);
  }

  const sealing: Sealing = {
    createKeys(subjects, { deadline } = {}) {
      const created = createKeys(subjects);
      return created instanceof Promise ? beforeDeadline(deadline, created, keysTooSlow) : created;
    },
    async choose() {
      if (place.sealing.wanted === 'off') return null;
      const { keyring } = await open(true);
      await keyring.create([LOG_SUBJECT]);
      const state = (await keyring.ofSubjects([LOG_SUBJECT])).get(LOG_SUBJECT);
      if (state?.state !== 'key') throw new KeyStoreError('the key of the log cannot be read back');
      return state.key.id;
    },
    async confirm(sealedBy) {
      const { wanted } = place.sealing;
      if (sealedBy === null && wanted === 'on') throw new SettingsMismatchError(BORN_CLEAR);
      if (sealedBy !== null && wanted === 'off') throw new SettingsMismatchError(BORN_SEALED);
      await learn(sealedBy);
      if (sealedBy === null) return;
      if (!(await isOfLog(await open(false), sealedBy))) throw new SettingsMismatchError(OTHER_KEYS);
    },
    isSealed: async () => (known ?? (await keysOfLog())) !== 'clear',
  };

  raw.onReplaced(() => {
    known = null;
  });

  return {
    ...withCodec(raw, codec),
    sealing: Object.assign(sealing, { keys: () => open(false) }),
    async close() {
      const closingKeys = opening?.then((keys) => keys.close()).catch(() => undefined);
      await raw.close();
      await closingKeys;
    },
  };
}

const keysTooSlow = (): KeyStoreError => new KeyStoreError('the key store has not answered in time');

/** Whether the log's own key is in the key store and can be opened. */
async function isOfLog({ keyring }: OpenedKeys, sealedBy: string): Promise<boolean> {
  return (await keyring.ofKeys([sealedBy])).get(sealedBy)?.state === 'key';
}

/** The keys of a store that `sealedStore` has made; null for any other, and for a log in clear. Errors as for `openKeys`. */
export async function keysOf(store: EventStore): Promise<OpenedKeys | null> {
  const sealing = store.sealing as (Sealing & { keys?(): Promise<OpenedKeys> }) | undefined;
  if (!sealing?.keys || !(await sealing.isSealed())) return null;
  return sealing.keys();
}

const BORN_CLEAR =
  'this event log was begun without sealing, which cannot be changed in place: set SEALING=off, or seal a copy of it with «npx padron copy --seal --to FOLDER»';
const BORN_SEALED =
  'this event log was begun with sealing: SEALING=off cannot read it; unset it and set MASTER_KEY';
export const OTHER_KEYS =
  'the key store is not the one of this event log, or MASTER_KEY is not the key that it is wrapped with';

/**
 * Opens the key store and the master keys; with `mayMakeKey`, makes the key of development mode.
 * Rejects with KeyStoreError, and with SettingsMismatchError if there is no master key.
 */
export async function openKeys(
  place: KeyPlace,
  mayMakeKey: boolean,
  sealerOver?: SealerOver,
): Promise<OpenedKeys> {
  const masters = { present: presentMaster(place, mayMakeKey), previous: previousMaster(place) };
  const store = await openKeyStore(place);
  const keyring = createKeyring({ store, masters });
  const own = sealerOver?.(place, keyring);
  const sealer = own ?? sealerWith(keyring);
  return {
    store,
    masters,
    keyring,
    sealer,
    codec: sealingCodec(sealer),
    async close() {
      await own?.close();
      await store.close();
    },
  };
}

function presentMaster({ dataDir, sealing }: KeyPlace, mayMakeKey: boolean): MasterKey {
  const made = (): string | null =>
    mayMakeKey ? developmentMasterKey(dataDir) : existingDevelopmentMasterKey(dataDir);
  const text = sealing.masterKey ?? made();
  const key = text === null ? null : masterKeyFrom(text);
  if (!key)
    throw new SettingsMismatchError('MASTER_KEY is missing: the people of this event log are sealed with it');
  return key;
}

const previousMaster = ({ sealing }: KeyPlace): MasterKey | null =>
  sealing.previousMasterKey === null ? null : masterKeyFrom(sealing.previousMasterKey);

export async function openKeyStore({ dataDir, mongoUrl }: Omit<KeyPlace, 'sealing'>): Promise<KeyStore> {
  if (mongoUrl !== null) {
    const { openMongoKeyStore } = await import('../stores/mongoKeyStore.ts');
    return openMongoKeyStore({ url: keysUrlOf(mongoUrl) });
  }
  makePrivateFolder(dataDir);
  try {
    return openSqliteKeyStore({ file: keysFileIn(dataDir) });
  } catch (cause) {
    throw new KeyStoreError('the key store cannot be opened', { cause });
  }
}

/** Next to the views' database, not in it, because the views may be dropped and rebuilt. */
export function keysUrlOf(mongoUrl: string): string {
  const [, before = '', after = ''] = /^(mongodb(?:\+srv)?:\/\/[^/]+\/[^/?]+)(.*)$/.exec(mongoUrl) ?? [];
  return `${before}_keys${after}`;
}

const keysFileIn = (dataDir: string): string => join(dataDir, 'keys.db');
