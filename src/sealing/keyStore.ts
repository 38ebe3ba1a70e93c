import { EventStoreError } from '../events/eventErrors.ts';

/** A person's key, wrapped by a master key. */
export interface WrappedKey {
  /** Whose it is: `persona-5`. */
  subject: string;
  keyId: string;
  /** base64url */
  wrapped: string;
  /** The fingerprint of the master key. */
  master: string;
}

/** Says that a person's key is gone for good. It stays for ever: a key that is merely missing is something else. */
export interface ErasedKey {
  subject: string;
  keyId: string;
  /** RFC 3339 instant. */
  erasedAt: string;
}

export type KeyRow = WrappedKey | ErasedKey;

export const isErased = (row: KeyRow): row is ErasedKey => 'erasedAt' in row;

/**
 * Where the keys of persons are kept, apart from the log. One row for each subject: its key, or the tombstone of it. Every method
 * rejects with KeyStoreError when the storage cannot be reached.
 */
export interface KeyStore {
  /** The rows of those of these subjects that have one, in any order. */
  ofSubjects(subjects: readonly string[]): Promise<KeyRow[]>;
  /** The rows with those of these key ids that there are, in any order. */
  ofKeys(keyIds: readonly string[]): Promise<KeyRow[]>;
  /**
   * Adds the keys of subjects without a row; a subject with one keeps it, tombstones included. All of them durable when it
   * resolves. Which keys count is what `ofSubjects` answers afterwards.
   */
  add(keys: readonly WrappedKey[]): Promise<void>;
  /**
   * Puts a tombstone in the place of the subject's row, or where there is none. Durable when it resolves, and the key is
   * overwritten in the files. A tombstone that is there already stays.
   */
  erase(tombstone: ErasedKey): Promise<void>;
  /** Replaces the wrapping of a key whose row still is `from`; false where it is not. */
  rewrap(from: WrappedKey, to: WrappedKey): Promise<boolean>;
  /** Rows in the order of their subjects' names, behind `after` (null: from the first). */
  scan(stretch: { after: string | null; limit: number }): Promise<KeyRow[]>;
  close(): Promise<void>;
}

/** The key store did not answer, or what it holds cannot be used. Nothing was stored in the log. */
export class KeyStoreError extends EventStoreError {
  constructor(message: string, options: { cause?: unknown } = {}) {
    super(message, { outcomeUnknown: false, cause: options.cause });
    this.name = 'KeyStoreError';
  }
}
