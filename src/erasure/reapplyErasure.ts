import { randomUUID } from 'node:crypto';
import type { EventStore } from '../events/eventStore.ts';
import type { KeyStore } from '../sealing/keyStore.ts';
import { isProved, type Certificate } from './certificate.ts';
import type { Erasures, ErasureRejection } from './erasures.ts';

/**
 * What became of an erasure from a list that was kept outside. `not in this log`: the log says nothing of the subject; the key is erased
 * all the same, so that nobody else gets the subject's id with it. `another person`: the subject has another key than the erased one, so its
 * id was given again after the restore.
 */
export type Reapplied = 'erased' | 'erased before' | 'not in this log' | 'another person' | ErasureRejection;

/**
 * Erases again whom a certificate says to be erased, in a log that was restored from a backup of before the erasure. The erasure has the id,
 * the reason and the actor that it had, and the present instant. May be repeated. Rejects with EventStoreError, ReadModelError and
 * UnprovedErasureError, and with KeyUnavailableError where the subject's key is missing.
 */
export async function reapplyErasure(
  {
    store,
    keyStore,
    erasures,
  }: { store: EventStore; keyStore: KeyStore; erasures: Pick<Erasures, 'erase' | 'list'> },
  { erasure, subject, erasedAt, by, reason, keys }: Certificate,
  request: Pick<Parameters<Erasures['erase']>[2], 'correlationId' | 'deadline'>,
): Promise<Reapplied> {
  const before = (await erasures.list()).some((one) => one.subject === subject && isProved(one));
  if (before) return 'erased before';
  const [row] = await keyStore.ofSubjects([subject]);
  if (row && !keys.includes(row.keyId)) return 'another person';
  if ((await store.readStream(subject, { limit: 1 })).length === 0) {
    const [keyId] = keys;
    if (keyId !== undefined) await keyStore.erase({ subject, keyId, erasedAt });
    return 'not in this log';
  }
  const outcome = await erasures.erase(
    { find: async () => subject, named: subject },
    { reason, confirm: null, id: erasure },
    { actor: by, requestId: randomUUID(), ifMatch: null, key: null, ...request },
  );
  return 'rejection' in outcome ? outcome.rejection : 'erased';
}
