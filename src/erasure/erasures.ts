import { randomUUID } from 'node:crypto';
import {
  isForOtherOrErased,
  keyedEventId,
  type IdempotencyKeys,
  type KeyRecord,
} from '../commands/claims/idempotencyKeys.ts';
import { subjectIdOf, type Rejection, type Request } from '../commands/command.ts';
import { createFloors } from '../commands/loading/floors.ts';
import { deadlinePassed, withDeadline } from '../commands/loading/waits.ts';
import { createKnownErasures, decisionOf, type ListedErasure } from '../events/bookkeeping/erasures.ts';
import { NO_REVISION, type CallOptions, type RecordedEvent } from '../events/eventStore.ts';
import { ERASURES_STREAM } from '../events/streams.ts';
import { SYSTEM_ACTOR } from '../events/types.ts';
import { beforeDeadline, type Deadline } from '../platform/deadline.ts';
import { keysOf } from '../sealing/opening/sealedStore.ts';
import { certificateOf, type Certificate } from './certificate.ts';
import { createDecidedErasures } from './decidedErasures.ts';
import { decideErasure, type ErasureWish } from './decideErasure.ts';
import { finishErasure, type FinishErasureDependencies } from './finishErasure.ts';
import { followErasures } from './followErasures.ts';
import { createLateEntries, type EntriesOnRolls } from './lateEntries.ts';
import { requestErasure } from './requestErasure.ts';

/** Why no one was erased. */
export type ErasureRejection = Rejection | { code: 'not-sealed' };

export type ErasureOutcome = ErasedSubject | { rejection: ErasureRejection };

/** An erased person. `decided`: the event that decided it. */
export interface ErasedSubject {
  certificate: Certificate;
  decided: Pick<RecordedEvent, 'stream' | 'revision' | 'position'>;
}

/** An erasure on the list with the event that decided it. */
interface DecidedErasure {
  erasure: ListedErasure;
  decision: RecordedEvent;
}

/** The target of an erasure. */
export interface ErasureTarget {
  /** The subject's stream; null if there is no such subject. */
  find(options: CallOptions): Promise<string | null>;
  /** The stream if the request names it; null if it names a DNI. */
  named: string | null;
}

/** Erases people and certifies it. */
export interface Erasures {
  /**
   * Erases a person and returns the certificate; returns the same one for an erased person. Rejects
   * with EventStoreError or ReadModelError if a store does not answer or the views take longer than
   * the deadline; the erasure then continues, and a repeat returns its certificate.
   */
  erase(target: ErasureTarget, wish: ErasureWish, request: Request): Promise<ErasureOutcome>;
  /** All decided erasures, in log order. */
  list(options?: CallOptions): Promise<Certificate[]>;
  /** Until `stop`, finishes interrupted erasures, and drops cached state of people erased elsewhere. */
  follow(): { stop(): Promise<void> };
}

export interface ErasuresDependencies extends Omit<FinishErasureDependencies, 'keys'> {
  idempotencyKeys: IdempotencyKeys;
  entriesOnRolls: EntriesOnRolls;
  logger: Record<'info' | 'warn', (fields: object, text: string) => void>;
}

export function createErasures(dependencies: ErasuresDependencies): Erasures {
  const { store, clock, idempotencyKeys, forget, logger } = dependencies;
  const stopping = new AbortController();
  const underWay = new Map<string, Promise<boolean>>();
  const known = createKnownErasures(store);
  const decided = createDecidedErasures(store, known);
  const lateEntries = createLateEntries({ ...dependencies, known });

  /** The steps after the decision; concurrent callers share them. */
  function finish(erasure: ListedErasure, decision: RecordedEvent): Promise<boolean> {
    const running = underWay.get(erasure.id);
    if (running) return running;
    const steps = (async () => {
      const keys = await keysOf(store);
      if (!keys) throw new Error('an erasure in a log without sealing');
      await lateEntries.announce(erasure, decision);
      const isDone = await finishErasure({ ...dependencies, keys }, erasure, decision, stopping.signal);
      if (isDone) logger.info({ erasure: erasure.id, subject: erasure.subject, by: erasure.by }, 'erased');
      return isDone;
    })().finally(() => underWay.delete(erasure.id));
    underWay.set(erasure.id, steps);
    return steps;
  }

  async function findDecided(
    isWanted: (erasure: ListedErasure) => boolean,
    deadline: Deadline,
  ): Promise<DecidedErasure | null> {
    const { listed } = await known.refresh({ deadline });
    for (const erasure of listed.filter(isWanted)) {
      const decision = await decisionOf(store, erasure, { deadline });
      if (decision) return { erasure, decision };
    }
    return null;
  }

  /** The certificate, once the erasure is proved. */
  async function proved({ erasure, decision }: DecidedErasure, deadline: Deadline): Promise<ErasedSubject> {
    const steps = erasure.isProved
      ? lateEntries.announce(erasure, decision, { deadline }).then(() => true)
      : finish(erasure, decision);
    if (!(await beforeDeadline(deadline, steps, deadlinePassed))) throw deadlinePassed();
    return { certificate: certificateOf({ ...erasure, isProved: true }), decided: decision };
  }

  async function eraseBefore(
    { find, named }: ErasureTarget,
    wish: ErasureWish,
    request: Request,
    deadline: Deadline,
  ): Promise<ErasureOutcome> {
    const { actor, requestId, correlationId, key } = request;
    const options = { deadline, floors: createFloors() };
    const record = key && (await idempotencyKeys.open(actor.account, key.value, options));
    if (key && record && isForOtherOrErased(record, key)) return { rejection: { code: 'key-reused' } };
    const id = record ? keyedEventId(record, 0) : (wish.id ?? randomUUID());
    const stream = await find({ deadline });
    if (record?.begun) {
      const { revision } = record.begun;
      const isOwn = ({ id: own, announced }: ListedErasure) =>
        revision === NO_REVISION ? own === id : announced === revision;
      const earlier = await findDecided(isOwn, deadline);
      if (earlier) {
        const { subject } = earlier.erasure;
        if ((named ?? stream ?? subject) !== subject) return { rejection: { code: 'key-reused' } };
        return proved(earlier, deadline);
      }
    }
    if (stream === null) return { rejection: { code: 'not-found' } };
    const origin = { actor, requestId, correlationId, commandId: id };
    const keys = await keysOf(store);
    const rejection = await requestErasure(
      {
        store,
        keyStore: keys?.store ?? null,
        entriesOnRolls: dependencies.entriesOnRolls,
        lateEntries,
        beforeAppend: () => begin(record, request, origin, deadline),
      },
      {
        id,
        stream,
        reason: wish.reason,
        origin,
        decide: ({ records, revision, isKeyGone }) => {
          const decision = isKeyGone ? 'erase' : decideErasure(wish, records);
          if (decision !== 'erase') return decision;
          if (request.ifMatch && !request.ifMatch(subjectIdOf(stream), revision)) return { code: 'stale' };
          return 'erase';
        },
      },
      { clock, deadline },
    );
    if (rejection !== 'erased') {
      lateEntries.forget(stream);
      return { rejection };
    }
    const found = await findDecided((one) => one.subject === stream, deadline);
    if (!found) return { rejection: { code: 'contention' } };
    // Another request has erased the person. Somebody else may get the DNI, and a repeat must not erase them.
    const isOther = found.erasure.id !== id;
    if (isOther && !(await begin(record, request, origin, deadline, found.erasure.announced)))
      return { rejection: { code: 'key-reused' } };
    return proved(found, deadline);
  }

  /**
   * Records the key's request, without personal data; false if a different request was recorded
   * first. `announced`: the announcement of the erasure, by another request, that answers it.
   */
  async function begin(
    record: KeyRecord | null,
    { actor, key }: Request,
    origin: Parameters<IdempotencyKeys['begin']>[2],
    deadline: Deadline,
    announced = NO_REVISION,
  ): Promise<boolean> {
    if (!record || !key) return true;
    const place = { target: ERASURES_STREAM, revision: announced };
    const own = { ...origin, actor: SYSTEM_ACTOR };
    const options = { deadline, floors: createFloors() };
    return (await idempotencyKeys.beginOnce(record, { actor, key }, place, own, options)) !== 'key-reused';
  }

  return {
    erase: (target, wish, request) =>
      withDeadline(request.deadline, (deadline) =>
        beforeDeadline(deadline, eraseBefore(target, wish, request, deadline), deadlinePassed),
      ),

    list: async (options) => (await decided.list(options)).map(certificateOf),

    follow() {
      const running = followErasures(
        {
          store,
          onDecided: finish,
          onProved(erasure, decision) {
            forget(erasure.subject, decision);
            return lateEntries.announce(erasure, decision);
          },
          onError: (error) => {
            logger.warn(
              error,
              'erasure' in error ? 'an erasure is not finished' : 'cannot check for erasures',
            );
          },
        },
        stopping.signal,
      );
      return {
        async stop() {
          stopping.abort();
          await running;
          await Promise.allSettled(underWay.values());
        },
      };
    },
  };
}
