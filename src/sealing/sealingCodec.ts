import { ErasedData, UnreadableData } from '../events/codec.ts';
import { isErasure } from '../events/bookkeeping/erasures.ts';
import type { EventCodec } from '../events/eventCodec.ts';
import type { NewEvent, RecordedEvent, StreamAppend } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';
import type { EventMetadata, EventSkipped } from '../events/types.ts';
import { mapLater } from '../platform/concurrency/maybeLater.ts';
import { keyIdIn } from './envelope.ts';
import { KeyUnavailableError } from '../events/eventErrors.ts';
import { KeyStoreError } from './keyStore.ts';
import type { Opened, Sealer, ToOpen, ToSeal } from './sealer.ts';

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
export function sealingCodec(sealer: Sealer): EventCodec {
  return {
    encode(appends) {
      const texts: ToSeal[] = [];
      for (const { stream, events } of appends) {
        for (const event of events) {
          const text = textOf(stream, event);
          if (text) texts.push(text);
        }
      }
      if (texts.length === 0) return appends;
      return mapLater(sealer.seal(texts), (envelopes) => sealedAll(appends, texts, envelopes));
    },

    decode(events) {
      const envelopes: ToOpen[] = [];
      let areSkips = true;
      for (const event of events) {
        noteErasure(sealer, event);
        const envelope = envelopeOf(event);
        if (!envelope) continue;
        envelopes.push(envelope);
        areSkips &&= event.type === 'EventSkipped';
      }
      if (envelopes.length === 0) return events;
      const opened = areSkips ? openIfThere(sealer, envelopes) : sealer.open(envelopes);
      return mapLater(opened, (found) => openedAll(events, envelopes, found));
    },
  };
}

/** Like `open`, but opens nothing if the key store does not answer. */
async function openIfThere(sealer: Sealer, envelopes: readonly ToOpen[]): Promise<Opened[]> {
  try {
    return await sealer.open(envelopes);
  } catch (error) {
    if (error instanceof KeyStoreError) return envelopes.map(() => ({ state: 'unavailable' }));
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

/** What to seal of an event; null for an event about no person. */
function textOf(stream: string, event: NewEvent): ToSeal | null {
  const subject = ownerOf(stream, event);
  if (subject === null) return null;
  const { id, type, data, metadata } = event;
  const { reason, actor } = metadata;
  const { secret } = split(type, data);
  const content: Content = { ...secret, account: actor.account, ...(reason === undefined ? {} : { reason }) };
  return { subject, place: { stream, id, type }, text: JSON.stringify(content) };
}

/** `envelopes`: of the `texts`, which are those of the events about people, in order. */
function sealedAll(
  appends: readonly StreamAppend[],
  texts: readonly ToSeal[],
  envelopes: readonly string[],
): StreamAppend[] {
  let next = 0;
  return appends.map(({ stream, expected, events }) => ({
    stream,
    expected,
    events: events.map((event) =>
      texts[next]?.place.id === event.id ? sealedEvent(event, envelopes[next++] as string) : event,
    ),
  }));
}

function sealedEvent({ id, type, data, metadata }: NewEvent, sealed: string): NewEvent {
  const { reason: _, actor, ...rest } = metadata;
  return {
    id,
    type,
    data: { ...split(type, data).open, sealed } satisfies SealedData,
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

/** What to open of an event; null for an event in clear. */
function envelopeOf(event: RecordedEvent): ToOpen | null {
  const keyId = keyIdOf(event);
  if (keyId === null) return null;
  const { stream, id, type, data } = event;
  return { keyId, place: { stream, id, type }, envelope: (data as SealedData).sealed };
}

/** `found`: what the `envelopes` hold, which are those of the sealed events, in order. */
function openedAll(
  events: readonly RecordedEvent[],
  envelopes: readonly ToOpen[],
  found: readonly Opened[],
): RecordedEvent[] {
  let next = 0;
  return events.map((event) =>
    envelopes[next]?.place.id === event.id ? openedEvent(event, found[next++] as Opened) : event,
  );
}

function openedEvent(event: RecordedEvent, opened: Opened): RecordedEvent {
  const content = 'text' in opened ? contentOf(opened.text) : null;
  // Readable without its reason, whatever hides it.
  if (event.type === 'EventSkipped' && content === null) return withoutReason(event);
  if (content === null) {
    const state = 'state' in opened ? opened.state : 'broken';
    if (state === 'erased') return { ...event, data: new ErasedData(keyIdOf(event)) };
    if (state === 'unavailable') {
      throw new KeyUnavailableError(`${event.stream}@${event.revision} (${keyIdOf(event) ?? ''})`);
    }
    // Like an event that is not JSON.
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

/** Null for a text that is not JSON. */
function contentOf(text: string): Content | null {
  try {
    return JSON.parse(text) as Content;
  } catch {
    return null;
  }
}

/** The id of the key that an event needs; null for an event in clear. */
const keyIdOf = ({ data }: RecordedEvent): string | null =>
  'sealed' in data && typeof data.sealed === 'string' ? keyIdIn(data.sealed) : null;

/** Drops a person's key when the erasure is read. */
function noteErasure(sealer: Sealer, event: RecordedEvent): void {
  if (!isErasure(event)) return;
  const { key } = event.data as { key?: unknown };
  if (typeof key === 'string') sealer.dropErased(event.stream, key);
}
