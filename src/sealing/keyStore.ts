import { EventStoreError } from '../events/eventErrors.ts';
import { isRefusal } from '../platform/storeError.ts';

/** A person's key, wrapped by a master key. */
export interface WrappedKey {
  /** The subject that it belongs to: `persona-5`. */
  subject: string;
  keyId: string;
  /** base64url */
  wrapped: string;
  /** The fingerprint of the master key. */
  master: string;
}

/** Records that a person's key was erased. Kept forever, to distinguish an erased key from a missing one. */
export interface ErasedKey {
  subject: string;
  keyId: string;
  /** RFC 3339 instant. */
  erasedAt: string;
}

export type KeyRow = WrappedKey | ErasedKey;

export const isErased = (row: KeyRow): row is ErasedKey => 'erasedAt' in row;

/**
 * The storage of people's keys, apart from the log. One row per subject: its key, or a tombstone.
 * Every method rejects with KeyStoreError if the storage is unreachable.
 */
export interface KeyStore {
  /** The existing rows of these subjects, in any order. */
  ofSubjects(subjects: readonly string[]): Promise<KeyRow[]>;
  /** The existing rows with these key ids, in any order. */
  ofKeys(keyIds: readonly string[]): Promise<KeyRow[]>;
  /**
   * Adds the keys of subjects without a row; existing rows, including tombstones, stay. Durable when
   * it resolves: true if every key was added; otherwise `ofSubjects` returns the keys that count.
   */
  add(keys: readonly WrappedKey[]): Promise<boolean>;
  /**
   * Replaces the subject's row, if any, by a tombstone; an existing tombstone stays. When it resolves,
   * the tombstone is durable and the key is overwritten in the files.
   */
  erase(tombstone: ErasedKey): Promise<void>;
  /** Replaces the wrapping of a key if its row still is `from`; false if it is not. */
  rewrap(from: WrappedKey, to: WrappedKey): Promise<boolean>;
  /** Rows ordered by subject name, after `after` (null: from the first). */
  scan(stretch: { after: string | null; limit: number }): Promise<KeyRow[]>;
  close(): Promise<void>;
}

/** The key store did not answer, refused, or its content is unusable. Nothing was stored in the log. */
export class KeyStoreError extends EventStoreError {
  override readonly isRefusal: boolean;

  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { outcomeUnknown: false, cause: options.cause });
    this.name = 'KeyStoreError';
    this.isRefusal = isRefusal(options.cause);
  }
}
