import type { EventMetadata } from './types.ts';

/** Stands in a recorded event for data that is not a JSON object. */
export class UnreadableData {
  /** What is stored. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Stands in a recorded event for data whose key was erased together with its person. */
export class ErasedData {
  readonly erased = true;
  /** The id of the key. */
  readonly keyId: string | null;

  constructor(keyId: string | null = null) {
    this.keyId = keyId;
  }
}

/**
 * An event's data or metadata as JSON text, after the store's EventCodec (eventCodec.ts). Throws
 * TypeError for values that JSON cannot represent (a bigint, a cycle, undefined), because a store's
 * client may hang on them.
 */
export function encodePayload(payload: object): string {
  if (payload instanceof UnreadableData) return payload.text;
  // Despite its type, JSON.stringify returns undefined for an object whose toJSON does.
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw new TypeError('an event payload must be representable as JSON');
  return text;
}

/** The data of an event from its stored text. Never throws: see UnreadableData. */
export function decodeData(text: string): object {
  const value = parsed(text);
  return typeof value === 'object' && value !== null ? value : new UnreadableData(text);
}

/** The data of an event from a store's client, which parses JSON and returns text or bytes for the rest. */
export function storedData(value: unknown): object {
  if (value instanceof Uint8Array) return decodeData(Buffer.from(value).toString('utf8'));
  if (typeof value === 'string') return new UnreadableData(value);
  return typeof value === 'object' && value !== null ? value : new UnreadableData(String(value));
}

/** The metadata of an event from its stored text. Never throws: see readableMetadata. */
export const decodeMetadata = (text: string): EventMetadata => readableMetadata(parsed(text));

/** What a fold needs of an event's metadata, as `newEvent` writes it and only there: in a value its quotes would be escaped. */
const FOLDED_FIRST = '"schemaVersion":';
const FOLDED =
  /"schemaVersion":([1-9]\d{0,5}),"occurredAt":"(\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z)"/y;
const NO_ACTOR = { account: '', role: '' };

/**
 * The metadata of an event that is only folded: `schemaVersion` and `occurredAt` as in decodeMetadata, the other members perhaps neutral.
 * Does not parse what padron itself has written, which takes a tenth of the time.
 */
export function decodeFoldedMetadata(text: string): EventMetadata {
  FOLDED.lastIndex = text.indexOf(FOLDED_FIRST);
  const found = FOLDED.lastIndex > 0 && text.startsWith('{"actor":{') && text.endsWith('"}');
  const [, version, occurredAt] = (found && FOLDED.exec(text)) || [];
  if (version === undefined || occurredAt === undefined) return decodeMetadata(text);
  return {
    actor: NO_ACTOR,
    requestId: '',
    commandId: '',
    schemaVersion: Number(version),
    occurredAt,
    $correlationId: '',
    $causationId: '',
  };
}

/** Undefined for a text that is not JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The schema version of an event whose metadata lacks it. */
export const NO_VERSION = 0;

/** The instant of an event whose metadata lacks it: earlier than all others. */
const NO_INSTANT = '1970-01-01T00:00:00.000Z';

/**
 * Stored metadata, completed: a member that is missing or has the wrong type gets a neutral value, so
 * that a malformed event does not stop a reader. Such a `schemaVersion` becomes NO_VERSION, which no
 * reader knows.
 */
export function readableMetadata(stored: unknown): EventMetadata {
  const metadata = (isObject(stored) ? stored : {}) as Partial<Record<keyof EventMetadata, unknown>>;
  if (isWhole(metadata)) return metadata;
  const actor = isObject(metadata.actor) ? metadata.actor : {};
  const { schemaVersion, occurredAt, reason, revertTo } = metadata;
  return {
    actor: { account: textOf(actor['account']), role: textOf(actor['role']) },
    requestId: textOf(metadata.requestId),
    commandId: textOf(metadata.commandId),
    schemaVersion: isVersion(schemaVersion) ? schemaVersion : NO_VERSION,
    occurredAt: isInstant(occurredAt) ? occurredAt : NO_INSTANT,
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(isRevision(revertTo) ? { revertTo } : {}),
    $correlationId: textOf(metadata.$correlationId),
    $causationId: textOf(metadata.$causationId),
  };
}

function isWhole(metadata: Partial<Record<keyof EventMetadata, unknown>>): metadata is EventMetadata {
  const { actor, reason, revertTo } = metadata;
  return (
    isObject(actor) &&
    typeof actor['account'] === 'string' &&
    typeof actor['role'] === 'string' &&
    typeof metadata.requestId === 'string' &&
    typeof metadata.commandId === 'string' &&
    isVersion(metadata.schemaVersion) &&
    isInstant(metadata.occurredAt) &&
    (reason === undefined || typeof reason === 'string') &&
    (revertTo === undefined || isRevision(revertTo)) &&
    typeof metadata.$correlationId === 'string' &&
    typeof metadata.$causationId === 'string'
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isVersion = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 1;
const isRevision = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const isInstant = (value: unknown): value is string =>
  typeof value === 'string' && INSTANT.test(value) && !Number.isNaN(Date.parse(value));
