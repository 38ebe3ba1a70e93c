import { ErasedData, UnreadableData } from '../events/codec.ts';
import { isErasure } from '../events/bookkeeping/erasures.ts';
import type { EventCodec } from '../events/eventCodec.ts';
import type { NewEvent, RecordedEvent, StreamAppend } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import type { EventMetadata, EventSkipped } from '../events/types.ts';
import { BrokenSealError, keyIdIn, open, seal, type DataKey, type SealedPlace } from './envelope.ts';
import { KeyUnavailableError, SubjectErasedError } from '../events/eventErrors.ts';
import { KeyStoreError } from './keyStore.ts';
import type { Keyring, KeyState, StatesByName } from './keyring.ts';

/** The sealed part of an event. `text` instead of `data` if the stored data is not JSON. */
interface Content {
  data?: object;
  text?: string;
  account: string;
  reason?: string;
}

/** The data of an event as stored. */
interface SealedData {
  sealed: string;
}

/**
 * A skip's event stays readable without the person's key: views and commands need all skips, and one
 * missing key must not stop them. Only the reason is sealed.
 */
interface SealedSkip extends SealedData {
  view: string;
  subject: string;
  revision: number;
}

/**
 * Seals each person's events with that person's key: the data, the reason, and the actor's account.
 * Also seals claims of a person's DNI or account and records of requests about a person, so that
 * they no longer lead to an erased person (docs/adr/0027). Events about no person, and events stored
 * in clear, stay unchanged.
 *
 * An event whose key was erased gets ErasedData. Rejects with KeyUnavailableError if a key is missing
 * that was not erased.
 */
export function sealingCodec(keyring: Keyring): EventCodec {
  return {
    encode(appends) {
      const owners = new Set<string>();
      for (const { stream, events } of appends) {
        for (const event of events) {
          const owner = ownerOf(stream, event);
          if (owner !== null) owners.add(owner);
        }
      }
      if (owners.size === 0) return appends;
      const states = keyring.ofSubjects(owners);
      return states instanceof Promise
        ? states.then((found) => sealedAll(appends, found))
        : sealedAll(appends, states);
    },

    decode(events) {
      for (const event of events) noteErasure(keyring, event);
      const ids = events.map(keyIdOf);
      const keyIds = new Set(ids.filter((id) => id !== null));
      if (keyIds.size === 0) return events;
      const states = events.every(isReadableWithoutKey)
        ? keysIfThere(keyring, keyIds)
        : keyring.ofKeys(keyIds);
      return states instanceof Promise
        ? states.then((found) => openedAll(events, ids, found))
        : openedAll(events, ids, states);
    },
  };
}

const isReadableWithoutKey = (event: RecordedEvent): boolean =>
  event.type === 'EventSkipped' || keyIdOf(event) === null;

/** Like `ofKeys`, but returns no states if the key store does not answer. */
async function keysIfThere(keyring: Keyring, keyIds: ReadonlySet<string>): Promise<StatesByName> {
  try {
    return await keyring.ofKeys(keyIds);
  } catch (error) {
    if (error instanceof KeyStoreError) return new Map();
    throw error;
  }
}

/** Whether no event of an append is about a person. */
export const isOfNobody = ({ stream, events }: StreamAppend): boolean =>
  events.every((event) => ownerOf(stream, event) === null);

/** Whether a stored event neither is sealed nor concerns a key. */
export const isOpen = (event: RecordedEvent): boolean =>
  keyIdOf(event) === null && event.type !== 'SubjectErased';

/** The subject whose key seals an event; null for none. SubjectErased stays readable. */
export function ownerOf(stream: string, { type, data }: Pick<NewEvent, 'type' | 'data'>): string | null {
  const { owner, target, subject } = data as Partial<Record<string, unknown>>;
  if (type === 'SubjectErased') return null;
  if (subjectOf(stream)) return stream;
  if (type === 'ValueClaimed') return subjectIn(owner);
  if (type === 'CommandBegun') return subjectIn(target);
  return type === 'EventSkipped' ? subjectIn(subject) : null;
}

const subjectIn = (name: unknown): string | null =>
  typeof name === 'string' && subjectOf(name) ? name : null;

const sealedAll = (appends: readonly StreamAppend[], states: StatesByName): StreamAppend[] =>
  appends.map(({ stream, expected, events }) => ({
    stream,
    expected,
    events: events.map((event) => {
      const owner = ownerOf(stream, event);
      return owner === null ? event : sealedEvent(keyIn(states, owner), stream, event);
    }),
  }));

function keyIn(states: StatesByName, subject: string): DataKey {
  const found = states.get(subject);
  if (found?.state === 'key') return found.key;
  throw found?.state === 'erased' ? new SubjectErasedError(subject) : new KeyUnavailableError(subject);
}

function sealedEvent(key: DataKey, stream: string, { id, type, data, metadata }: NewEvent): NewEvent {
  const { reason, actor, ...rest } = metadata;
  const { open: inClear, secret } = split(type, data);
  const content: Content = { ...secret, account: actor.account, ...(reason === undefined ? {} : { reason }) };
  const sealed = seal(key, { stream, id, type }, JSON.stringify(content));
  return {
    id,
    type,
    data: { ...inClear, sealed } satisfies SealedData,
    metadata: { actor: { account: '', role: actor.role }, ...rest },
  };
}

/** The data that stays readable, and the data to seal. */
function split(type: string, data: object): { open: object; secret: Pick<Content, 'data' | 'text'> } {
  if (data instanceof UnreadableData) return { open: {}, secret: { text: data.text } };
  if (type !== 'EventSkipped') return { open: {}, secret: { data } };
  const { reason, ...open } = data as EventSkipped['data'];
  return { open, secret: { data: { reason } } };
}

/** `ids`: the id of each event's key. */
const openedAll = (
  events: readonly RecordedEvent[],
  ids: readonly (string | null)[],
  states: StatesByName,
): RecordedEvent[] =>
  events.map((event, index) => {
    const keyId = ids[index] ?? null;
    return keyId === null ? event : openedEvent(event, keyId, states.get(keyId));
  });

function openedEvent(event: RecordedEvent, keyId: string, state: KeyState | undefined): RecordedEvent {
  if (event.type === 'EventSkipped' && state?.state !== 'key') return withoutReason(event);
  if (state?.state === 'erased') return { ...event, data: new ErasedData() };
  if (state?.state !== 'key') throw new KeyUnavailableError(`${event.stream}@${event.revision} (${keyId})`);
  const content = contentOf(state.key, event, (event.data as SealedData).sealed);
  if (content === null) {
    // Any other event is treated like one that is not JSON.
    if (event.type === 'EventSkipped') return withoutReason(event);
    return { ...event, data: new UnreadableData(JSON.stringify(event.data)) };
  }
  const { sealed: _, ...inClear } = event.data as SealedData;
  const { account, reason } = content;
  const data =
    content.text === undefined ? { ...inClear, ...content.data } : new UnreadableData(content.text);
  const metadata: EventMetadata = {
    ...event.metadata,
    actor: { account, role: event.metadata.actor.role },
    ...(reason === undefined ? {} : { reason }),
  };
  return { ...event, data, metadata };
}

function withoutReason(event: RecordedEvent): RecordedEvent {
  const { view, subject, revision } = event.data as SealedSkip;
  return { ...event, data: { view, subject, revision, reason: null } satisfies EventSkipped['data'] };
}

/** Null for a text that is damaged or was moved from another event. */
function contentOf(key: DataKey, place: SealedPlace, envelope: string): Content | null {
  try {
    return JSON.parse(open(key, place, envelope)) as Content;
  } catch (error) {
    if (error instanceof BrokenSealError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The id of the key that an event needs; null for an event in clear. */
const keyIdOf = ({ data }: RecordedEvent): string | null =>
  'sealed' in data && typeof data.sealed === 'string' ? keyIdIn(data.sealed) : null;

/** Drops a person's key when the erasure is read. */
function noteErasure(keyring: Keyring, event: RecordedEvent): void {
  if (!isErasure(event)) return;
  const { key } = event.data as { key?: unknown };
  if (typeof key === 'string') keyring.dropErased(event.stream, key);
}
