import { bookkeepingData } from '../../events/bookkeeping/bookkeeping.ts';
import { SettingsMismatchError } from '../../events/bookkeeping/settings.ts';
import { writtenVersion } from '../../events/catalogue.ts';
import { withCodec, type EventCodec } from '../../events/eventCodec.ts';
import { lastEventOf, type EventStore, type RecordedEvent } from '../../events/eventStore.ts';
import { SETTINGS_STREAM, SKIPS_STREAM } from '../../events/streams.ts';
import { SYSTEM_ACTOR } from '../../events/types.ts';
import type { Keyring } from '../../sealing/keyring.ts';
import { LOG_SUBJECT, openKeys, OTHER_KEYS, type KeyPlace } from '../../sealing/opening/sealedStore.ts';
import { isOpen, ownerOf } from '../../sealing/sealingCodec.ts';
import { OtherLogError } from './compareLogs.ts';

/** A copy that seals; for copyLog. */
export interface SealingCopy {
  /** The log in clear, read as if it were sealed. */
  source: EventStore;
  /** Seals what is appended and decrypts what is read. */
  target: EventStore;
  /** Makes the keys of the people in these events; call it before appending them. */
  prepare(events: readonly RecordedEvent[]): Promise<void>;
  /** Closes the key store, not the logs. */
  close(): Promise<void>;
}

/**
 * Prepares a copy that seals, from a log in clear to an empty log or the beginning of such a copy.
 * Both stores must return events as stored. Makes the log's key if the target is empty. Rejects with
 * OtherLogError if the source is sealed or the target is in clear, with SettingsMismatchError if the
 * target has other keys, with EventStoreError if a store does not answer.
 */
export async function sealOnTheWay(
  { source, target }: { source: EventStore; target: EventStore },
  place: KeyPlace,
): Promise<SealingCopy> {
  const born = await sealedByIn(source);
  if (born === undefined)
    throw new OtherLogError('this event log has no settings: no padron was started on it');
  if (born !== null) throw new OtherLogError('this event log is sealed already: copy it without --seal');
  const begun = await sealedByIn(target);
  if (begun === null) throw new OtherLogError('the target was begun in clear: --seal needs an empty one');
  const keys = await openKeys(place, begun === undefined);
  const close = (): Promise<void> => keys.store.close();
  try {
    const sealedBy = await keyOfLog(keys.keyring, begun);
    return {
      source: withCodec(source, asSealedLog(sealedBy)),
      target: withCodec(target, sealedOnly(keys.codec)),
      prepare: (events) => makeKeys(keys.keyring, events),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** See SettingsFixed; undefined for a log without settings. */
async function sealedByIn(store: EventStore): Promise<string | null | undefined> {
  const settings = await lastEventOf(store, SETTINGS_STREAM);
  return settings ? bookkeepingData(settings, 'SettingsFixed').sealedBy : undefined;
}

/** The id of the log's own key: the one that the target was begun with, or a new one. */
async function keyOfLog(keyring: Keyring, begun: string | undefined): Promise<string> {
  if (begun === undefined) await keyring.create([LOG_SUBJECT]);
  const found =
    begun === undefined
      ? (await keyring.ofSubjects([LOG_SUBJECT])).get(LOG_SUBJECT)
      : (await keyring.ofKeys([begun])).get(begun);
  if (found?.state !== 'key') throw new SettingsMismatchError(OTHER_KEYS);
  return found.key.id;
}

async function makeKeys(keyring: Keyring, events: readonly RecordedEvent[]): Promise<void> {
  const owners = new Set(events.flatMap((event) => ownerOf(event.stream, event) ?? []));
  await keyring.create([...owners]);
}

/** Reads the events of a log in clear as padron would have written them with sealing on. */
const asSealedLog = (sealedBy: string): EventCodec => ({
  encode: () => {
    throw new Error('the source of a copy is only read');
  },
  decode: (events) => events.map((event) => asSealed(event, sealedBy)),
});

function asSealed(event: RecordedEvent, sealedBy: string): RecordedEvent {
  const { stream, type, metadata } = event;
  if (stream === SETTINGS_STREAM) {
    return rewritten(event, 'SettingsFixed', { ...bookkeepingData(event, 'SettingsFixed'), sealedBy });
  }
  // Version 1 has the reason in the metadata, and another member names the subject.
  if (stream === SKIPS_STREAM)
    return rewritten(event, 'EventSkipped', bookkeepingData(event, 'EventSkipped'));
  // It does not name its subject, so it cannot be sealed; as in a sealed log, it names no one.
  if (type === 'CommandSettled') return { ...event, metadata: { ...metadata, actor: SYSTEM_ACTOR } };
  return event;
}

function rewritten(
  event: RecordedEvent,
  type: 'SettingsFixed' | 'EventSkipped',
  data: object,
): RecordedEvent {
  const { reason: _, ...metadata } = event.metadata;
  return { ...event, data, metadata: { ...metadata, schemaVersion: writtenVersion(type) } };
}

/** Seals and decrypts; rejects events whose clear text holds what a sealed log keeps secret. */
const sealedOnly = (codec: EventCodec): EventCodec => ({
  encode: (appends, options) => codec.encode(appends, options),
  decode(events, options) {
    const clear = events.find((event) => isOpen(event) && ownerOf(event.stream, event) !== null);
    if (clear) throw new OtherLogError(`the target holds ${clear.stream}@${clear.revision} in clear`);
    return codec.decode(events, options);
  },
});
