import { randomUUID } from 'node:crypto';
import { createKnownErasures, type ListedErasure } from '../events/bookkeeping/erasures.ts';
import { pauseBefore, withDeadline } from '../commands/loading/waits.ts';
import { endsSubject } from '../domain/aggregate.ts';
import { eventsOf, type EventStore, type Position } from '../events/eventStore.ts';
import { newEvent, notBefore, systemOrigin } from '../events/newEvent.ts';
import { ERASURES_STREAM } from '../events/streams.ts';
import type { Deadline } from '../platform/deadline.ts';
import { PadronError } from '../platform/padronError.ts';
import type { Keyring } from '../sealing/keyring.ts';
import { isErased, type KeyStore } from '../sealing/keyStore.ts';
import { eraseFromViews, type EraseFromViewsDependencies } from './eraseFromViews.ts';

export interface FinishErasureDependencies extends EraseFromViewsDependencies {
  keys: { store: KeyStore; keyring: Pick<Keyring, 'dropErased'> };
  /** Drops this process's cached state of the subject. */
  forget(subject: string, decided: Decided): void;
}

/** The event that decided an erasure. */
export interface Decided {
  revision: number;
  position: Position;
}

/** Data of an erased person is still there after every step, so no certificate is issued. */
class UnprovedErasureError extends PadronError {
  constructor(subject: string, what: string) {
    super(`the erasure of ${subject} is not proved: ${what}`);
  }
}

/**
 * The steps after the decision to erase a subject: key, caches, views, proof, certificate. Each step
 * may be repeated, so an interrupted erasure is run again from the first. Returns false if the signal
 * aborts before the views are done. Rejects with EventStoreError, ReadModelError, and
 * UnprovedErasureError.
 */
export async function finishErasure(
  dependencies: FinishErasureDependencies,
  erasure: ListedErasure,
  decided: Decided,
  signal: AbortSignal,
): Promise<boolean> {
  const { store, keys } = dependencies;
  const { subject, key: keyId, at: erasedAt } = erasure;
  await keys.store.erase({ subject, keyId, erasedAt });
  keys.keyring.dropErased(subject, keyId);
  dependencies.forget(subject, decided);
  if (!(await eraseFromViews(dependencies, subject, decided.position, signal))) return false;
  await expectNoKey(keys.store, erasure);
  await expectNoData(store, subject);
  await prove(dependencies, erasure);
  return true;
}

async function expectNoKey(
  keyStore: Pick<KeyStore, 'ofSubjects' | 'ofKeys'>,
  { subject, key }: ListedErasure,
): Promise<void> {
  const rows = [...(await keyStore.ofSubjects([subject])), ...(await keyStore.ofKeys([key]))];
  if (rows.length === 0 || !rows.every(isErased)) {
    throw new UnprovedErasureError(subject, 'the key store still has a key');
  }
}

async function expectNoData(store: Pick<EventStore, 'readStream'>, subject: string): Promise<void> {
  for await (const event of eventsOf(store, subject)) {
    if (endsSubject(event)) continue;
    throw new UnprovedErasureError(subject, `its event at revision ${event.revision} can be read`);
  }
}

/** Appends the certificate unless the log has it. */
const prove = (dependencies: FinishErasureDependencies, erasure: ListedErasure): Promise<void> =>
  withDeadline(undefined, (deadline) => proveBefore(dependencies, erasure, deadline));

async function proveBefore(
  { store, clock }: FinishErasureDependencies,
  { id: erasure, subject, revision }: ListedErasure,
  deadline: Deadline,
): Promise<void> {
  const known = createKnownErasures(store);
  // All certificates go to one stream, so erasures that end at the same time conflict.
  for (let attempt = 0; ; attempt += 1) {
    if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
    const log = await known.refresh({ deadline });
    const own = log.listed.find(
      (one) => one.id === erasure && one.subject === subject && one.revision === revision,
    );
    if (own?.isProved) return;
    const eventId = randomUUID();
    const data = { erasure, subject, revision };
    const at = notBefore(clock.now(), log.occurredAt);
    const event = newEvent(eventId, { type: 'ErasureProved', data }, systemOrigin(eventId), at);
    const append = { stream: ERASURES_STREAM, expected: log.revision, events: [event] };
    if ((await store.append([append], { deadline })).outcome === 'appended') return;
  }
}
