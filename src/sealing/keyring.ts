import { setImmediate as nextTick } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { MaybeLater } from '../platform/concurrency/maybeLater.ts';
import { KeyUnavailableError } from '../events/eventErrors.ts';
import { newDataKey, type DataKey } from './envelope.ts';
import { isErased, type KeyRow, type KeyStore } from './keyStore.ts';
import { unwrap, wrap, type MasterKeys } from './masterKeys.ts';

/** Keys in memory, some 400 bytes each; an evicted key costs one lookup. */
export const MAX_CACHED = 20_000;

/**
 * The state of a person's key. `erased` is recorded and final. A key that is neither there nor
 * recorded as erased is `unavailable`, which must not be taken for an erasure.
 */
export type KeyState = { state: 'key'; key: DataKey } | { state: 'erased' } | { state: 'unavailable' };

/** People's keys, cached in one process. Methods reject with KeyStoreError if the key store does not answer. */
export interface Keyring {
  /**
   * Gives subjects their keys, unless they have them; the keys are durable when it resolves. `erased`:
   * that subject was erased and never gets another key. Keys are made only here; concurrent callers share
   * one write. Rejects with KeyUnavailableError if a subject's key cannot be read.
   */
  create(subjects: readonly string[]): Promise<('key' | 'erased')[]>;
  /** The state of each of these subjects' keys; returns at once if all are cached. */
  ofSubjects(subjects: Iterable<string>): MaybeLater<StatesByName>;
  /** The state of each of these keys; returns at once if all are cached. */
  ofKeys(keyIds: Iterable<string>): MaybeLater<StatesByName>;
  /** Drops a key: from now on this process treats it as erased, even if the key store still has it. */
  dropErased(subject: string, keyId: string): void;
  /** Whether `dropErased` was called for this subject. */
  isErased(subject: string): boolean;
}

/** Absent: `unavailable`, because the key store has no row of that name. */
export type StatesByName = ReadonlyMap<string, KeyState>;

const ERASED: KeyState = { state: 'erased' };
const UNAVAILABLE: KeyState = { state: 'unavailable' };

function created(subject: string, stored: KeyState | undefined): 'key' | 'erased' {
  if (!stored || stored.state === 'unavailable') throw new KeyUnavailableError(subject);
  return stored.state;
}

export function createKeyring({ store, masters }: { store: KeyStore; masters: MasterKeys }): Keyring {
  const bySubject = new LRUCache<string, KeyState>({ max: MAX_CACHED });
  const byId = new LRUCache<string, KeyState>({ max: MAX_CACHED });
  /** Never evicted, so that a key that was read just before its erasure is not cached again. */
  const erasedIds = new Set<string>();
  const erasedSubjects = new Set<string>();
  let wanted = new Map<string, DataKey>();
  /** The pending write that still accepts keys; null if there is none. */
  let waiting: Promise<StatesByName> | null = null;
  let latest: Promise<unknown> = Promise.resolve();

  function stateOf(row: KeyRow, made: DataKey | undefined): KeyState {
    if (isErased(row) || erasedSubjects.has(row.subject)) return ERASED;
    const key = made ?? unwrap(masters, row);
    return key ? { state: 'key', key } : UNAVAILABLE;
  }

  /** `made`: the key of this row, if this process has just made it. */
  function learn(row: KeyRow, made?: DataKey): KeyState {
    const state = stateOf(row, made);
    if (state !== UNAVAILABLE) {
      bySubject.set(row.subject, state);
      byId.set(row.keyId, state);
    }
    return state;
  }

  function states(
    names: Iterable<string>,
    known: (name: string) => KeyState | undefined,
    find: (missing: readonly string[]) => Promise<KeyRow[]>,
    nameOf: (row: KeyRow) => string,
  ): MaybeLater<StatesByName> {
    const found = new Map<string, KeyState>();
    const missing: string[] = [];
    for (const name of names) {
      const state = known(name);
      if (state) found.set(name, state);
      else missing.push(name);
    }
    if (missing.length === 0) return found;
    return find(missing).then((rows) => {
      for (const row of rows) found.set(nameOf(row), learn(row));
      return found;
    });
  }

  const inMemory = (subject: string): KeyState | undefined =>
    erasedSubjects.has(subject) ? ERASED : bySubject.get(subject);

  const ofSubjects: Keyring['ofSubjects'] = (subjects) =>
    states(
      subjects,
      inMemory,
      (missing) => store.ofSubjects(missing),
      ({ subject }) => subject,
    );

  /**
   * Writes the keys gathered until the next tick and during the previous write, because an import
   * registers hundreds at once. Returns the keys that count: another process may have been first.
   */
  async function flush(before: Promise<unknown>): Promise<StatesByName> {
    await Promise.allSettled([before, nextTick()]);
    const keys = [...wanted.values()];
    wanted = new Map();
    waiting = null;
    const wrapped = keys.map((key) => wrap(masters.present, key));
    const areAll = await store.add(wrapped);
    const rows = areAll ? wrapped : await store.ofSubjects(keys.map(({ subject }) => subject));
    const made = new Map(keys.map((key) => [key.id, key]));
    return new Map(rows.map((row) => [row.subject, learn(row, made.get(row.keyId))]));
  }

  return {
    async create(subjects) {
      const known = subjects.map(inMemory);
      const missing = subjects.filter((_, at) => known[at] === undefined);
      if (missing.length === 0) return subjects.map((subject, at) => created(subject, known[at]));
      for (const subject of missing) wanted.set(subject, newDataKey(subject));
      const write = (waiting ??= flush(latest));
      latest = write;
      const stored = await write;
      return subjects.map((subject, at) => created(subject, known[at] ?? stored.get(subject)));
    },
    ofSubjects,
    ofKeys: (keyIds) =>
      states(
        keyIds,
        (keyId) => (erasedIds.has(keyId) ? ERASED : byId.get(keyId)),
        (missing) => store.ofKeys(missing),
        ({ keyId }) => keyId,
      ),
    dropErased(subject, keyId) {
      erasedSubjects.add(subject);
      erasedIds.add(keyId);
      bySubject.delete(subject);
      byId.delete(keyId);
    },
    isErased: (subject) => erasedSubjects.has(subject),
  };
}
