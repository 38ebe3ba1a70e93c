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

/** What is sealed of an event. `text` instead of `data`: what was stored is not JSON. */
interface Content {
  data?: object;
  text?: string;
  account: string;
  reason?: string;
}

/** The data of an event as it is stored. */
interface SealedData {
  sealed: string;
}

/**
 * Which event is skipped stays readable without the person's key: views and commands need all skips at once, and one missing key must
 * not stop them. Only why it is skipped is sealed.
 */
interface SealedSkip extends SealedData {
  view: string;
  subject: string;
  revision: number;
}

/**
 * Seals each person's events with that person's key: the data, the reason, and the account of who did it. So are claims of a person's
 * DNI or account and the records of requests that changed a person: what they lead to goes with the person's key
 * (docs/adr/0027). Events of nobody in particular, and those that were stored in clear, stay as they are.
 *
 * Decodes an event whose key was erased with ErasedData. Rejects with KeyUnavailableError where a key is missing that was not erased.
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
      const keyIds = new Set<string>();
      for (const event of events) {
        noteErasure(keyring, event);
        const keyId = keyIdOf(event);
        if (keyId !== null) keyIds.add(keyId);
      }
      if (keyIds.size === 0) return events;
      const states = events.every(isReadableWithoutKey)
        ? keysIfThere(keyring, keyIds)
        : keyring.ofKeys(keyIds);
      return states instanceof Promise
        ? states.then((found) => openedAll(events, found))
        : openedAll(events, states);
    },
  };
}

const isReadableWithoutKey = (event: RecordedEvent): boolean =>
  event.type === 'EventSkipped' || keyIdOf(event) === null;

/** The same as `ofKeys`; none where the key store does not answer. */
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

/** Whether a stored event is not sealed, and says nothing of keys. */
export const isOpen = (event: RecordedEvent): boolean =>
  keyIdOf(event) === null && event.type !== 'SubjectErased';

/** Whose key seals an event; null for one that is nobody's. The end of a person stays readable. */
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

/** The data that stays readable, and the rest. */
function split(type: string, data: object): { open: object; secret: Pick<Content, 'data' | 'text'> } {
  if (data instanceof UnreadableData) return { open: {}, secret: { text: data.text } };
  if (type !== 'EventSkipped') return { open: {}, secret: { data } };
  const { reason, ...open } = data as EventSkipped['data'];
  return { open, secret: { data: { reason } } };
}

const openedAll = (events: readonly RecordedEvent[], states: StatesByName): RecordedEvent[] =>
  events.map((event) => {
    const keyId = keyIdOf(event);
    return keyId === null ? event : openedEvent(event, keyId, states.get(keyId));
  });

function openedEvent(event: RecordedEvent, keyId: string, state: KeyState | undefined): RecordedEvent {
  if (event.type === 'EventSkipped' && state?.state !== 'key') return withoutReason(event);
  if (state?.state === 'erased') return { ...event, data: new ErasedData() };
  if (state?.state !== 'key') throw new KeyUnavailableError(`${event.stream}@${event.revision} (${keyId})`);
  const content = contentOf(state.key, event, (event.data as SealedData).sealed);
  if (content === null) {
    // Of any other event nothing more can be said than of one that is no JSON.
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

/** Null for a text that was damaged, or moved here from another event. */
function contentOf(key: DataKey, place: SealedPlace, envelope: string): Content | null {
  try {
    return JSON.parse(open(key, place, envelope)) as Content;
  } catch (error) {
    if (error instanceof BrokenSealError || error instanceof SyntaxError) return null;
    throw error;
  }
}

/** The key that an event needs; null for one in clear. */
const keyIdOf = ({ data }: RecordedEvent): string | null =>
  'sealed' in data && typeof data.sealed === 'string' ? keyIdIn(data.sealed) : null;

/** A follower of the log drops a person's key when it reads the erasure. */
function noteErasure(keyring: Keyring, event: RecordedEvent): void {
  if (!isErasure(event)) return;
  const { key } = event.data as { key?: unknown };
  if (typeof key === 'string') keyring.dropErased(event.stream, key);
}
