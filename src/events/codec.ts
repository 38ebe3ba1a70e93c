import type { EventMetadata } from './types.ts';

/**
 * The one place where an event's data and metadata become text and back, so that they can be sealed per person
 * here later. Throws TypeError for what JSON cannot hold (a bigint, a cycle, undefined): a store's client may hang on it.
 */
export function encodePayload(payload: object): string {
  // JSON.stringify answers undefined, whatever its type says, for an object whose toJSON does.
  const text = JSON.stringify(payload) as string | undefined;
  if (text === undefined) throw new TypeError('an event payload must be representable as JSON');
  return text;
}

/** The data of an event from its stored text. */
export const decodeData = (text: string): object => JSON.parse(text) as object;

/** The metadata of an event from its stored text. */
export const decodeMetadata = (text: string): EventMetadata => JSON.parse(text) as EventMetadata;
