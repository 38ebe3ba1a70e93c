import { KeyUnavailableError, SubjectErasedError } from '../events/eventErrors.ts';
import { mapLater, type MaybeLater } from '../platform/concurrency/maybeLater.ts';
import { BrokenSealError, open, seal, type SealedPlace } from './envelope.ts';
import type { Keyring, KeyState } from './keyring.ts';

/** A text to seal with its subject's key. */
export interface ToSeal {
  subject: string;
  place: SealedPlace;
  text: string;
}

/** An envelope to open with the key that it names. */
export interface ToOpen {
  keyId: string;
  place: SealedPlace;
  envelope: string;
}

/**
 * An opened text, or why there is none: its key was erased or cannot be found, or the envelope is
 * damaged or was moved from another event.
 */
export type Opened = { text: string } | { state: 'erased' | 'unavailable' | 'broken' };

/**
 * Makes people's keys, and seals and opens texts with them. Methods reject with KeyStoreError if the
 * key store does not answer; they return at once if all keys are in memory.
 */
export interface Sealer {
  /** See Keyring. */
  create(subjects: readonly string[]): MaybeLater<('key' | 'erased')[]>;
  /** The envelopes, in order. Throws SubjectErasedError or KeyUnavailableError for a subject without a key. */
  seal(texts: readonly ToSeal[]): MaybeLater<string[]>;
  /** The texts, in order. */
  open(envelopes: readonly ToOpen[]): MaybeLater<Opened[]>;
  /** See Keyring. */
  dropErased(subject: string, keyId: string): void;
}

/** Seals and opens in this thread. */
export const sealerWith = (keyring: Keyring): Sealer => ({
  create: (subjects) => keyring.create(subjects),
  seal: (texts) =>
    mapLater(keyring.ofSubjects(new Set(texts.map(({ subject }) => subject))), (states) =>
      texts.map((one) => sealed(states.get(one.subject), one)),
    ),
  open: (envelopes) =>
    mapLater(keyring.ofKeys(new Set(envelopes.map(({ keyId }) => keyId))), (states) =>
      envelopes.map((one) => opened(states.get(one.keyId), one)),
    ),
  dropErased(subject, keyId) {
    keyring.dropErased(subject, keyId);
  },
});

function sealed(found: KeyState | undefined, { subject, place, text }: ToSeal): string {
  if (found?.state === 'key') return seal(found.key, place, text);
  throw found?.state === 'erased' ? new SubjectErasedError(subject) : new KeyUnavailableError(subject);
}

function opened(found: KeyState | undefined, { place, envelope }: ToOpen): Opened {
  if (found?.state !== 'key') return { state: found?.state ?? 'unavailable' };
  try {
    return { text: open(found.key, place, envelope) };
  } catch (error) {
    if (error instanceof BrokenSealError) return { state: 'broken' };
    throw error;
  }
}
