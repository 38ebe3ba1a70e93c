import { isErased, type KeyRow, type KeyStore } from '../../src/sealing/keyStore.ts';

/** The key store as a map: the model that the real ones are held against. `rows` may be changed behind its back, as a restore does. */
export function memoryKeyStore(rows = new Map<string, KeyRow>()): KeyStore {
  const inOrder = (): KeyRow[] => [...rows.values()].sort((a, b) => (a.subject < b.subject ? -1 : 1));
  return {
    ofSubjects: async (subjects) => inOrder().filter(({ subject }) => subjects.includes(subject)),
    ofKeys: async (keyIds) => inOrder().filter(({ keyId }) => keyIds.includes(keyId)),
    async add(keys) {
      const missing = keys.filter(({ subject }) => !rows.has(subject));
      for (const key of missing) rows.set(key.subject, key);
      return missing.length === keys.length;
    },
    async erase(tombstone) {
      const there = rows.get(tombstone.subject);
      if (!there || !isErased(there)) rows.set(tombstone.subject, tombstone);
    },
    async rewrap(from, to) {
      const there = rows.get(from.subject);
      if (!there || isErased(there) || there.wrapped !== from.wrapped) return false;
      rows.set(from.subject, to);
      return true;
    },
    scan: async ({ after, limit }) =>
      inOrder()
        .filter(({ subject }) => subject > (after ?? ''))
        .slice(0, limit),
    close: async () => undefined,
  };
}
