import type { ToSeal } from '../../sealing/sealer.ts';

/** A message to the thread. Texts are packed as strings: copies of objects cost several times as much. */
export type SealingOrder =
  | { create: readonly string[] }
  | { seal: readonly string[] }
  | { erased: { subject: string; keyId: string } };

/**
 * The thread's answer to an order, one result per subject or text. Without results, something failed:
 * the caller does the work itself and gets the error.
 */
export interface SealingAnswer {
  results?: readonly string[];
}

export function packTexts(texts: readonly ToSeal[]): string[] {
  const packed: string[] = [];
  for (const { subject, place, text } of texts)
    packed.push(subject, place.stream, place.id, place.type, text);
  return packed;
}

export function unpackTexts(packed: readonly string[]): ToSeal[] {
  const texts: ToSeal[] = [];
  for (let at = 0; at < packed.length; at += 5) {
    const [subject = '', stream = '', id = '', type = '', text = ''] = packed.slice(at, at + 5);
    texts.push({ subject, place: { stream, id, type }, text });
  }
  return texts;
}
