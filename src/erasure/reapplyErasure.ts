import { randomUUID } from 'node:crypto';
import type { EventStore } from '../events/eventStore.ts';
import type { KeyStore } from '../sealing/keyStore.ts';
import { isProved, type Certificate } from './certificate.ts';
import type { Erasures, ErasureRejection } from './erasures.ts';

/**
 * The outcome of repeating an erasure from a list that was kept outside. `not in this log`: the log
 * has no events of the subject; its key is erased nevertheless, so that no one else gets it together
 * with the id. `another person`: the subject has a different key, so its id was allocated again after
 * the restore.
 */
export type Reapplied = 'erased' | 'erased before' | 'not in this log' | 'another person' | ErasureRejection;

/**
 * Repeats a certified erasure in a log that was restored from a backup made before it, with the same
 * id, reason and actor and the present instant. May be repeated. Rejects with EventStoreError,
 * ReadModelError and UnprovedErasureError, and with KeyUnavailableError if the subject's key is
 * missing.
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
