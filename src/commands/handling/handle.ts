import { randomUUID } from 'node:crypto';
import { beforeDeadline } from '../../platform/deadline.ts';
import { expectTimeLeft } from '../../events/eventStore.ts';
import { subjectStream } from '../../events/streams.ts';
import { createAppender, loadAtLeast, type DecideAndAppend } from './decideAndAppend.ts';
import type { AppenderDependencies } from './claimsFor.ts';
import { rejected, repeated, type Command, type Outcome, type Rejection, type Request } from '../command.ts';
import type { Run } from './decision.ts';
import { createFloors } from '../loading/floors.ts';
import { isForOther, type KeyRecord } from '../claims/idempotencyKeys.ts';
import type { UniqueValueLookups } from '../claims/uniqueValueLookups.ts';
import { keyedQueue, type KeyedQueue } from './keyedQueue.ts';
import type { IdSequence } from '../claims/idSequence.ts';
import { CORRELATION_ID, traced } from '../../tracing/traced.ts';
import { deadlinePassed, pauseBefore, withDeadline } from '../loading/waits.ts';

/**
 * Streams tried per command: ids that an import took, holders that changed, targets on the key's
 * record.
 */
const MAX_PLACES = 12;

export interface HandlerDependencies extends AppenderDependencies {
  lookups: UniqueValueLookups;
  sequence: IdSequence;
}

/**
 * Runs a command: finds its subject, decides on the present state, appends the events at that
 * revision, and decides again if another writer was first. `prepare` does what a pure decision may
 * not (hash a password), once the command is known not to be rejected.
 * Returns the subject after the command, or why nothing was stored. Rejects with EventStoreError if
 * the store is unreachable, the outcome is unknown or the deadline has passed (repeating with the
 * same key is safe), and with UnknownEventError if a newer padron wrote to the subject.
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
  const workNames = new Map<string, string>();

  /** Keeps the names, because V8 hashes each new string again. */
  function workNameOf(command: string): string {
    const known = workNames.get(command) ?? `command ${command}`;
    workNames.set(command, known);
    return known;
  }

  return async function handle(command, payload, request, prepare) {
    const { actor, requestId, correlationId } = request;
    const origin = { actor, requestId, correlationId, commandId: randomUUID() };
    const prepareOnce = once(prepare, payload);
    const work = {
      name: workNameOf(command.name),
      attributes: () => ({ [CORRELATION_ID]: correlationId, 'padron.command_id': origin.commandId }),
    };
    return traced(work, () =>
      withDeadline(request.deadline, (deadline) => {
        expectTimeLeft({ deadline });
        const floors = createFloors();
        const asked = { command, payload, prepare: prepareOnce, request, origin, deadline, floors };
        return beforeDeadline(deadline, run(dependencies, { queue, decideAndAppend }, asked), deadlinePassed);
      }),
    );
  };
}

const NONE_LEFT: ReadonlySet<string> = new Set();

/** A request whose subject is not known yet. */
type Asked<Payload, State> = Omit<Run<Payload, State>, 'stream' | 'left' | 'record'>;

/** The subject's stream and the key's record. */
type Place = Pick<Run<unknown, unknown>, 'stream' | 'record' | 'left'>;

type Found<State> = Place | Outcome<State>;

/** Prepares the payload once, however often the command is decided again. */
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
  let left = NONE_LEFT;
  for (let places = 0; places < MAX_PLACES; places += 1) {
    if (places > 1) await pauseBefore(places - 1, { clock, deadline });
    const found: Found<State> = await place(dependencies, asked, how, left);
    if ('outcome' in found) return found;
    const { stream, record } = found;
    const atPlace = runAt(asked, { stream, record, left });
    const outcome = await queue.run(stream, () => decideAndAppend(atPlace), deadline);
    if (outcome === 'elsewhere') continue;
    if (outcome.outcome === 'done') return outcome;
    if (!isTriedAgain(outcome.rejection, found, how)) return outcome;
    // The subject on the key's record may be gone, and another may hold the value now.
    left = new Set([...left, stream]);
    how = 'fresh';
  }
  return rejected({ code: 'contention' });
}

/** Member by member: spreading so many takes V8 6 µs per write. */
const runAt = <Payload, State>(
  { command, payload, prepare, request, origin, deadline, floors }: Asked<Payload, State>,
  { stream, record, left }: Place,
): Run<Payload, State> => ({
  command,
  payload,
  prepare,
  request,
  origin,
  deadline,
  floors,
  stream,
  record,
  left,
});

/**
 * Whether to look for the subject again: an import took the id, or the cached holder may be out of
 * date.
 */
function isTriedAgain({ code }: Rejection, { record, left }: Place, how: 'seen' | 'fresh'): boolean {
  if (code === 'id-taken') return true;
  return code === 'not-found' && (how === 'seen' || (record !== null && left.size === 0));
}

/** Finds the subject; with a key, the one on its record unless it was ruled out. */
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
  // The person of the earlier request was erased.
  if (record.erased && !record.begun) return rejected({ code: 'not-found' });
  if (isForOther(record, request.key)) return rejected({ code: 'key-reused' });
  const done = await doneAs(dependencies, asked, record);
  if (done) return done;
  if (record.begun && !left.has(record.begun.target)) return { stream: record.begun.target, record, left };
  const stream = await locate(dependencies, asked, 'fresh');
  if (stream !== null) return { stream, record, left };
  // A concurrent copy of this request may have removed the subject.
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

/** The answer if the key's request has already succeeded, else null. */
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
