import { ErasedData, UnreadableData } from '../events/codec.ts';
import type { EventCodec } from '../events/eventCodec.ts';
import type { NewEvent, RecordedEvent, StreamAppend } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import type { EventMetadata } from '../events/types.ts';
import { BrokenSealError, keyIdIn, open, seal, type DataKey, type SealedPlace } from './envelope.ts';
import { KeyUnavailableError } from '../events/eventErrors.ts';
import type { Keyring, KeyState, StatesByName } from './keyring.ts';
import { KeyStoreError } from './keyStore.ts';

/** A person was erased: nothing more is stored of that person. */
export class SubjectErasedError extends KeyStoreError {
  constructor(subject: string) {
    super(`${subject} was erased`);
    this.name = 'SubjectErasedError';
  }
}

/** What is sealed of an event. */
interface Content {
  data: object;
  account: string;
  reason?: string;
}

/** The data of an event as it is stored. */
interface SealedData {
  sealed: string;
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
      const states = keyring.ofKeys(keyIds);
      return states instanceof Promise
        ? states.then((found) => openedAll(events, found))
        : openedAll(events, states);
    },
  };
}

/** Whether no event of an append is about a person. */
export const isOfNobody = ({ stream, events }: StreamAppend): boolean =>
  events.every((event) => ownerOf(stream, event) === null);

/** Whether a stored event is not sealed, and says nothing of keys. */
export const isOpen = (event: RecordedEvent): boolean =>
  keyIdOf(event) === null && event.type !== 'SubjectErased';

/** Whose key seals an event; null for one that is nobody's. The end of a person stays readable. */
function ownerOf(stream: string, { type, data }: Pick<NewEvent, 'type' | 'data'>): string | null {
  const { owner, target } = data as { owner?: unknown; target?: unknown };
  if (type === 'SubjectErased') return null;
  if (subjectOf(stream)) return stream;
  if (type === 'ValueClaimed') return typeof owner === 'string' && subjectOf(owner) ? owner : null;
  if (type === 'CommandBegun') return typeof target === 'string' && subjectOf(target) ? target : null;
  return null;
}

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
  const content: Content = { data, account: actor.account, ...(reason === undefined ? {} : { reason }) };
  const sealed: SealedData = { sealed: seal(key, { stream, id, type }, JSON.stringify(content)) };
  return { id, type, data: sealed, metadata: { actor: { account: '', role: actor.role }, ...rest } };
}

const openedAll = (events: readonly RecordedEvent[], states: StatesByName): RecordedEvent[] =>
  events.map((event) => {
    const keyId = keyIdOf(event);
    return keyId === null ? event : openedEvent(event, keyId, states.get(keyId));
  });

function openedEvent(event: RecordedEvent, keyId: string, state: KeyState | undefined): RecordedEvent {
  if (state?.state === 'erased') return { ...event, data: new ErasedData() };
  if (state?.state !== 'key') throw new KeyUnavailableError(`${event.stream}@${event.revision} (${keyId})`);
  const content = contentOf(state.key, event, (event.data as SealedData).sealed);
  // Of this event nothing more can be said than of one that is no JSON.
  if (content === null) return { ...event, data: new UnreadableData(JSON.stringify(event.data)) };
  const { data, account, reason } = content;
  const metadata: EventMetadata = {
    ...event.metadata,
    actor: { account, role: event.metadata.actor.role },
    ...(reason === undefined ? {} : { reason }),
  };
  return { ...event, data, metadata };
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
function noteErasure(keyring: Keyring, { stream, type, data }: RecordedEvent): void {
  if (type !== 'SubjectErased' || !subjectOf(stream)) return;
  const { key } = data as { key?: unknown };
  if (typeof key === 'string') keyring.dropErased(stream, key);
}
