import { createKnownErasures, decisionOf } from '../../events/bookkeeping/erasures.ts';
import type { EventStore } from '../../events/eventStore.ts';
import type { Keyring } from '../keyring.ts';
import { isErased, type KeyStore } from '../keyStore.ts';

/** Subjects per look-up in the key store. */
const PAGE = 500;

/**
 * Erases the keys of all people erased according to the log, which a key store restored from a backup
 * may have again. Call it before any event is decrypted. `log` must return events as stored. Returns
 * the number of keys that it erased.
 */
export async function applyErasures(
  log: Pick<EventStore, 'readStream'>,
  { store, keyring }: { store: Pick<KeyStore, 'ofSubjects' | 'erase'>; keyring: Pick<Keyring, 'dropErased'> },
): Promise<number> {
  const { listed } = await createKnownErasures(log).refresh();
  let again = 0;
  for (let start = 0; start < listed.length; start += PAGE) {
    const page = listed.slice(start, start + PAGE);
    const rows = await store.ofSubjects(page.map(({ subject }) => subject));
    const gone = new Set(rows.filter(isErased).map(({ subject }) => subject));
    for (const erasure of page) {
      if (gone.has(erasure.subject)) continue;
      if (!erasure.isProved && !(await decisionOf(log, erasure))) continue;
      const { subject, key: keyId, at: erasedAt } = erasure;
      await store.erase({ subject, keyId, erasedAt });
      keyring.dropErased(subject, keyId);
      gone.add(subject);
      again += 1;
    }
  }
  return again;
}
