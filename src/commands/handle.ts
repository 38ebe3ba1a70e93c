import { randomUUID } from 'node:crypto';
import type { CommandBegun } from '../events/types.ts';
import { subjectStream } from '../events/streams.ts';
import { createAppender, type AppenderDependencies } from './decideAndAppend.ts';
import { rejected, repeated, type Command, type Outcome, type Rejection, type Request } from './command.ts';
import type { IdempotencyKeys, KeyRecord } from './idempotencyKeys.ts';
import type { Lookups } from './lookups.ts';
import { keyedQueue } from './queue.ts';
import type { Sequence } from './sequence.ts';

export interface HandlerDependencies extends AppenderDependencies {
  lookups: Lookups;
  keys: IdempotencyKeys;
  sequence: Sequence;
}

/**
 * Runs a command: finds its subject, decides on the present state, appends the events at the revision decided on, and
 * decides anew where another writer was first. `prepare` does to the payload what a decision may not (hash a password), once it
 * is clear that the command is not a repeat.
 *
 * Answers the subject after the command, or why nothing was stored. Rejects with EventStoreError when the store is out
 * of reach or the outcome is unknown (repeating with the same key is safe), with UnknownEventError when the subject was written by a
 * newer padron.
 */
export type Handle = <Payload, State>(
  command: Command<Payload, State>,
  payload: Payload,
  request: Request,
  prepare?: (payload: Payload) => Promise<Payload>,
) => Promise<Outcome<State>>;

/** Where a command works, and what its key has on record. */
interface Place {
  stream: string;
  record: KeyRecord | null;
  /** Whether an earlier request with the key may have succeeded already. */
  maybeDone: boolean;
}

export function createHandler(dependencies: HandlerDependencies): Handle {
  const { repository, lookups, keys, sequence, clock } = dependencies;
  const queue = keyedQueue();
  const decideAndAppend = createAppender(dependencies);

  return async function handle<Payload, State>(
    command: Command<Payload, State>,
    payload: Payload,
    request: Request,
    prepare?: (payload: Payload) => Promise<Payload>,
  ): Promise<Outcome<State>> {
    const { actor, requestId, correlationId } = request;
    const origin = { actor, requestId, correlationId, commandId: randomUUID() };
    let prepared: Promise<Payload> | null = null;

    async function locate(how: 'seen' | 'fresh'): Promise<string | null> {
      const { subject, aggregate } = command;
      if (subject.begins) return subjectStream(aggregate.kind, await sequence.next(aggregate.kind));
      if ('stream' in subject) return subject.stream(payload);
      const found = await lookups.holder(aggregate, subject.find(payload, request.actor), how);
      return found?.stream ?? null;
    }

    /** Finds the subject and, with a key, fixes it on record before anything happens to it. */
    async function place(how: 'seen' | 'fresh', taken: string | null): Promise<Place | Rejection> {
      if (!request.key) {
        const stream = await locate(how);
        return stream === null ? { code: 'not-found' } : { stream, record: null, maybeDone: false };
      }
      const { value, route, bodyHash } = request.key;
      const isOther = ({ begun }: KeyRecord): boolean => begun !== null && !isRepeatOf(begun, request.key);

      const known = await keys.open(request.actor.account, value);
      if (isOther(known)) return { code: 'key-reused' };
      if (known.begun && known.begun.target !== taken) {
        return { stream: known.begun.target, record: known, maybeDone: true };
      }
      const target = await locate('fresh');
      if (target === null) return { code: 'not-found' };
      const { revision } = await repository.seen(command.aggregate, target);
      const begun: CommandBegun['data'] = { route, bodyHash, target, revision };
      const record = await keys.begin(known, begun, origin, clock.now());
      if (isOther(record) || !record.begun) return { code: 'key-reused' };
      return { stream: record.begun.target, record, maybeDone: record.begun !== begun };
    }

    const answerRepeat = async (stream: string): Promise<Outcome<State>> =>
      repeated(command, stream, await repository.fresh(command.aggregate, stream), request.actor);

    async function runAt({ stream, record, maybeDone }: Place): Promise<Outcome<State>> {
      if (record && maybeDone && (await keys.hasSucceeded(record))) {
        return answerRepeat(stream);
      }
      prepared ??= prepare ? prepare(payload) : Promise.resolve(payload);
      const ready = await prepared;
      return queue.run(stream, () =>
        decideAndAppend({ command, payload: ready, request, origin, stream, record }),
      );
    }

    /** What the same request, sent twice at once, did while this one was refused for it: a removed user is not found. */
    async function doneMeanwhile(): Promise<Outcome<State> | null> {
      const record = await keys.open(request.actor.account, request.key?.value ?? '');
      if (!record.begun || !(await keys.hasSucceeded(record))) return null;
      return answerRepeat(record.begun.target);
    }

    let how: 'seen' | 'fresh' = 'seen';
    let taken: string | null = null;
    for (;;) {
      const found = await place(how, taken);
      if ('code' in found) return rejected(found);
      const outcome = await runAt(found);
      if (outcome.outcome === 'done') return outcome;
      const earlier = found.record && (await doneMeanwhile());
      if (earlier) return earlier;
      const { code } = outcome.rejection;
      // An import took the id that was allocated: take the next one. And whom the key has on record may be gone, and somebody
      // else hold the value by now.
      if (code === 'id-taken' || (code === 'not-found' && found.record && taken === null))
        taken = found.stream;
      // What this process remembered of the value's holder may be out of date: ask the reservation, once.
      else if (code !== 'not-found' || how === 'fresh') return outcome;
      how = 'fresh';
    }
  };
}

/** Whether a request with this key is the one that the key has on record. */
function isRepeatOf(begun: CommandBegun['data'], key: Request['key']): boolean {
  if (!key || begun.route !== key.route) return false;
  return begun.bodyHash === key.bodyHash || begun.bodyHash === key.formerBodyHash?.();
}
