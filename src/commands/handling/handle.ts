import { randomUUID } from 'node:crypto';
import { expectTimeLeft } from '../../events/eventStore.ts';
import { subjectStream } from '../../events/streams.ts';
import {
  createAppender,
  loadAtLeast,
  type AppenderDependencies,
  type DecideAndAppend,
} from './decideAndAppend.ts';
import { rejected, repeated, type Command, type Outcome, type Rejection, type Request } from '../command.ts';
import type { Run } from './decision.ts';
import { createFloors } from './floors.ts';
import { isForOther, type KeyRecord } from '../claims/idempotencyKeys.ts';
import type { UniqueValueLookups } from '../claims/uniqueValueLookups.ts';
import { keyedQueue, type KeyedQueue } from './keyedQueue.ts';
import type { IdSequence } from '../claims/idSequence.ts';
import { CORRELATION_ID, traced } from '../../tracing/traced.ts';
import { beforeDeadline, pauseBefore, withDeadline } from './waits.ts';

/** Subjects that a command is tried on: ids that an import took meanwhile, holders that changed, targets that its key records. */
const MAX_PLACES = 12;

export interface HandlerDependencies extends AppenderDependencies {
  lookups: UniqueValueLookups;
  sequence: IdSequence;
}

/**
 * Runs a command: finds its subject, decides on the present state, appends the events at the revision decided on, and
 * decides again where another writer was first. `prepare` does to the payload what a decision may not (hash a password), once
 * nothing refuses the command any more.
 *
 * Answers the subject after the command, or why nothing was stored. Rejects with EventStoreError when the store is out
 * of reach, the outcome is unknown or the request's deadline has passed (repeating with the same key is safe), with
 * UnknownEventError when the subject was written by a newer padron.
 */
export type Handle = <Payload, State>(
  command: Command<Payload, State>,
  payload: Payload,
  request: Request,
  prepare?: (payload: Payload) => Promise<Payload>,
) => Promise<Outcome<State>>;

export function createHandler(dependencies: HandlerDependencies): Handle {
  const queue = keyedQueue();
  const decideAndAppend = createAppender(dependencies);

  return async function handle(command, payload, request, prepare) {
    const { actor, requestId, correlationId } = request;
    const origin = { actor, requestId, correlationId, commandId: randomUUID() };
    const prepareOnce = once(prepare, payload);
    const work = {
      name: `command ${command.name}`,
      attributes: () => ({ [CORRELATION_ID]: correlationId, 'padron.command_id': origin.commandId }),
    };
    return traced(work, () =>
      withDeadline(request.deadline, async (deadline) => {
        expectTimeLeft({ deadline });
        const floors = createFloors();
        const asked = { command, payload, prepare: prepareOnce, request, origin, deadline, floors };
        return beforeDeadline(deadline, run(dependencies, { queue, decideAndAppend }, asked));
      }),
    );
  };
}

/** What was asked, before it is known of whom. */
type Asked<Payload, State> = Omit<Run<Payload, State>, 'stream' | 'left' | 'record'>;

/** Where a command works, and what its key has on record. */
type Place = Pick<Run<unknown, unknown>, 'stream' | 'record' | 'left'>;

type Found<State> = Place | Outcome<State>;

/** The payload is prepared once, however often the command is decided again. */
function once<Payload>(
  prepare: ((payload: Payload) => Promise<Payload>) | undefined,
  payload: Payload,
): (() => Promise<Payload>) | null {
  let prepared: Promise<Payload> | null = null;
  return prepare ? () => (prepared ??= prepare(payload)) : null;
}

async function run<Payload, State>(
  dependencies: HandlerDependencies,
  { queue, decideAndAppend }: { queue: KeyedQueue; decideAndAppend: DecideAndAppend },
  asked: Asked<Payload, State>,
): Promise<Outcome<State>> {
  const { clock } = dependencies;
  const { deadline } = asked;
  let how: 'seen' | 'fresh' = 'seen';
  const left = new Set<string>();
  for (let places = 0; places < MAX_PLACES; places += 1) {
    if (places > 1) await pauseBefore(places - 1, { clock, deadline });
    const found: Found<State> = await place(dependencies, asked, how, left);
    if ('outcome' in found) return found;
    const atPlace = { ...asked, ...found };
    const outcome = await queue.run(found.stream, () => decideAndAppend(atPlace), deadline);
    if (outcome === 'elsewhere') continue;
    if (outcome.outcome === 'done') return outcome;
    if (!isTriedAgain(outcome.rejection, found, how)) return outcome;
    // Whom the key has on record may be gone, and somebody else hold the value by now.
    left.add(found.stream);
    how = 'fresh';
  }
  return rejected({ code: 'contention' });
}

/** Whether another subject may be meant: an import took the id, or what was remembered of the value's holder is out of date. */
function isTriedAgain({ code }: Rejection, { record, left }: Place, how: 'seen' | 'fresh'): boolean {
  if (code === 'id-taken') return true;
  return code === 'not-found' && (how === 'seen' || (record !== null && left.size === 0));
}

/** Finds the subject; with a key the one on record, unless the command has left it. */
async function place<Payload, State>(
  dependencies: HandlerDependencies,
  asked: Asked<Payload, State>,
  how: 'seen' | 'fresh',
  left: ReadonlySet<string>,
): Promise<Found<State>> {
  const { keys } = dependencies;
  const { request } = asked;
  if (!request.key) {
    const stream = await locate(dependencies, asked, how);
    return stream === null ? rejected({ code: 'not-found' }) : { stream, record: null, left };
  }
  const record = await keys.open(request.actor.account, request.key.value, asked);
  if (isForOther(record, request.key)) return rejected({ code: 'key-reused' });
  const done = await doneAs(dependencies, asked, record);
  if (done) return done;
  if (record.begun && !left.has(record.begun.target)) return { stream: record.begun.target, record, left };
  const stream = await locate(dependencies, asked, 'fresh');
  if (stream !== null) return { stream, record, left };
  // The same request, sent twice at once, may have removed the subject meanwhile.
  const present = await keys.open(request.actor.account, request.key.value, asked);
  const twin = isForOther(present, request.key) ? null : await doneAs(dependencies, asked, present);
  return twin ?? rejected({ code: 'not-found' });
}

async function locate<Payload, State>(
  { sequence, lookups }: HandlerDependencies,
  { command, payload, request, deadline }: Asked<Payload, State>,
  how: 'seen' | 'fresh',
): Promise<string | null> {
  const { subject, aggregate } = command;
  if (subject.begins) return subjectStream(aggregate.kind, await sequence.next(aggregate.kind, deadline));
  if ('stream' in subject) return subject.stream(payload);
  const found = await lookups.holder(aggregate, subject.find(payload, request.actor), how, { deadline });
  return found?.stream ?? null;
}

/** The answer of a request whose key has succeeded already, null for any other. */
async function doneAs<Payload, State>(
  dependencies: HandlerDependencies,
  asked: Asked<Payload, State>,
  record: KeyRecord,
): Promise<Outcome<State> | null> {
  if (!record.begun) return null;
  const { target, revision } = record.begun;
  const success = await dependencies.keys.successOf(record, revision, asked);
  if (!success) return null;
  const present = await loadAtLeast(dependencies, asked, target, success.atLeast);
  return repeated(asked.command, target, present, asked.request.actor);
}
