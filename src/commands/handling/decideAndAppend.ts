import { randomUUID } from 'node:crypto';
import { NO_REVISION, type StreamAppend } from '../../events/eventStore.ts';
import { SubjectErasedError } from '../../events/eventErrors.ts';
import { newEvent } from '../../events/newEvent.ts';
import type { DomainEvent } from '../../events/types.ts';
import type { Loaded } from '../../domain/aggregate.ts';
import { rejected, repeated, succeeded, type Outcome } from '../command.ts';
import { decide, decideOnPresent, loadPresent, storesEvents, type Decision, type Run } from './decision.ts';
import { isForOther, keyedEventId, type KeyRecord } from '../claims/idempotencyKeys.ts';
import { pauseBefore, readUntil } from '../loading/waits.ts';
import { claimsFor, newlyHeld, type AppenderDependencies, stateAfter } from './claimsFor.ts';

/** Attempts that may lose to other instances' writes. */
const MAX_ATTEMPTS = 12;

/** `elsewhere`: the key's record now has another request or another target. */
export type DecideAndAppend = <Payload, State>(
  run: Run<Payload, State>,
) => Promise<Outcome<State> | 'elsewhere'>;

/**
 * `conflict`: another writer was first. `behind`: reads lag behind a known revision. Both are
 * retried.
 */
type Attempt<State> = Outcome<State> | 'conflict' | 'behind';

/**
 * The core loop of the write side: load, decide, claim, append; after a conflict, from the start.
 * An append whose outcome is unknown is never repeated here: the store's adapter resolves it, or
 * rejects.
 */
export function createAppender(dependencies: AppenderDependencies): DecideAndAppend {
  const { keys, clock } = dependencies;

  return async function decideAndAppend<Payload, State>(run: Run<Payload, State>) {
    const { deadline } = run;
    let { record } = run;
    for (let repeats = 0, lost = 0; lost < MAX_ATTEMPTS; repeats += 1) {
      if (repeats > 0) {
        await pauseBefore(repeats, { clock, deadline });
        if (record) record = await keys.open(run.request.actor.account, run.request.key?.value ?? '', run);
        if (record && isElsewhere(record, run)) return 'elsewhere';
      }
      const outcome = await attempt(
        dependencies,
        repeats === 0 ? run : { ...run, record },
        repeats === 0,
      ).catch(asConflict);
      if (outcome === 'conflict') lost += 1;
      else if (outcome !== 'behind') return outcome;
    }
    return rejected({ code: 'contention' });
  };
}

/** Another instance has erased the subject: its present state says so. */
function asConflict(error: unknown): 'conflict' {
  if (error instanceof SubjectErasedError) return 'conflict';
  throw error;
}

function isElsewhere<Payload, State>(
  record: KeyRecord,
  { request, stream, left }: Run<Payload, State>,
): boolean {
  if (!record.begun || !request.key) return false;
  const { target } = record.begun;
  return isForOther(record, request.key) || (target !== stream && !left.has(target));
}

async function attempt<Payload, State>(
  dependencies: AppenderDependencies,
  run: Run<Payload, State>,
  isFirst: boolean,
): Promise<Attempt<State>> {
  const { repository, keys } = dependencies;
  const { command, stream, deadline, floors, origin } = run;
  const isOnSeen = isFirst && !run.record?.begun;
  const loaded = isOnSeen
    ? await repository.seen(command.aggregate, stream, { deadline })
    : await loadPresent(dependencies, run);
  if (run.record?.begun) {
    const { target } = run.record.begun;
    // Up to the state decided on, so that an event of this key with later events after it is not
    // missed.
    const success = await keys.successOf(run.record, target === stream ? loaded.revision : -1, { deadline });
    if (success) return repeatedAt(dependencies, run, target, success.atLeast);
  }
  let begun: Begun | null = null;
  // Nothing more is stored about an erased subject, not even the request.
  if (run.record && !run.record.begun && !loaded.erased) {
    await giveKey(dependencies, run, loaded);
    begun = await begin(dependencies, run, run.record, loaded.revision);
    if (!begun) return 'conflict';
  }
  let decision = decide(dependencies, run, loaded);
  if (isOnSeen && !storesEvents(decision)) decision = await decideOnPresent(dependencies, run, decision);
  const isBehind =
    decision.loaded.revision < floors.of(stream) ||
    (run.record !== null && run.record.revision < floors.of(run.record.stream));
  if ('rejection' in decision) return isBehind ? 'behind' : rejected(decision.rejection);
  if (decision.events.length > 0) {
    const outcome = await append(dependencies, run, begun, decision);
    return outcome === 'conflict' && isBehind ? 'behind' : outcome;
  }
  if (isBehind) return 'behind';
  if (run.record) {
    begun ??= await begin(dependencies, run, run.record, decision.loaded.revision);
    if (!begun || !(await keys.settle(begun.record, origin, run))) return 'conflict';
  }
  return succeeded(stream, decision.loaded, { repeated: false });
}

/** An attempt recorded for its key. */
interface Begun {
  record: KeyRecord;
  /** The revision after which its events go. */
  revision: number;
}

/**
 * A subject without events gets its key before the first event that names it: a claim, or the
 * record of a request, which may be about a subject that does not exist.
 */
async function giveKey<Payload, State>(
  { store }: Pick<AppenderDependencies, 'store'>,
  { command, stream, deadline }: Run<Payload, State>,
  { revision }: Pick<Loaded<State>, 'revision'>,
): Promise<void> {
  if (command.subject.begins || revision === NO_REVISION)
    await store.sealing?.createKeys([stream], { deadline });
}

async function begin<Payload, State>(
  { keys }: AppenderDependencies,
  run: Run<Payload, State>,
  record: KeyRecord,
  revision: number,
): Promise<Begun | null> {
  const { request, stream, origin } = run;
  if (!request.key) throw new Error('a key record without an Idempotency-Key');
  const { route, bodyHash } = request.key;
  const begun = await keys.begin(record, { route, bodyHash, target: stream, revision }, origin, run);
  return begun && { record: begun, revision };
}

async function append<Payload, State>(
  dependencies: AppenderDependencies,
  run: Run<Payload, State>,
  begun: Begun | null,
  decision: Extract<Decision<State>, { events: unknown }>,
): Promise<Attempt<State>> {
  const { store, repository } = dependencies;
  const { command, stream, deadline, floors, record } = run;
  const { loaded, now } = decision;
  const values = newlyHeld(command.aggregate, loaded.state, decision.events);
  const claims = values.length === 0 ? [] : await claimsFor(dependencies, run, loaded, values);
  if (!Array.isArray(claims)) return claims;
  const events = run.prepare
    ? await preparedEvents(dependencies, run, run.prepare, decision)
    : decision.events;
  await giveKey(dependencies, run, loaded);
  if (record && begun?.revision !== loaded.revision) {
    begun = await begin(dependencies, run, begun?.record ?? record, loaded.revision);
    if (!begun) return 'conflict';
  }
  const own: StreamAppend = { stream, expected: loaded.revision, events: stored(run, begun, events, now) };
  const result = await store.append([...claims, own], { deadline });
  if (result.outcome === 'conflict') {
    floors.raise(result.stream, result.actual);
    return 'conflict';
  }
  const revision = loaded.revision + events.length;
  if (!record && result.position !== null) {
    const state = stateAfter(command.aggregate, loaded.state, events);
    const after = { state, revision, position: result.position, occurredAt: now, began: true };
    repository.keep(stream, after);
    return succeeded(stream, after, { repeated: false });
  }
  // The store recognises a repeat by the event ids alone, so what it holds may differ from what was sent.
  const present = await loadAtLeast(dependencies, run, stream, revision);
  return succeeded(stream, present, { repeated: false });
}

/** The events as stored. With a key, their ids are derived from it. */
const stored = <Payload, State>(
  { origin, request }: Run<Payload, State>,
  begun: Begun | null,
  events: readonly DomainEvent[],
  now: string,
) =>
  events.map((event, index) =>
    newEvent(begun ? keyedEventId(begun.record, index) : randomUUID(), event, origin, now, request.note),
  );

/**
 * The events of the prepared payload. It is prepared late, so that rejected commands cost nothing.
 */
async function preparedEvents<Payload, State>(
  dependencies: AppenderDependencies,
  run: Run<Payload, State>,
  prepare: () => Promise<Payload>,
  { loaded, now }: Extract<Decision<State>, { events: unknown }>,
): Promise<DomainEvent[]> {
  const decision = decide(dependencies, { ...run, payload: await prepare() }, loaded, now);
  if ('rejection' in decision) throw new Error(`${run.command.name} decides on what is prepared`);
  return decision.events;
}

async function repeatedAt<Payload, State>(
  dependencies: AppenderDependencies,
  run: Run<Payload, State>,
  target: string,
  revision: number,
): Promise<Outcome<State>> {
  const present = await loadAtLeast(dependencies, run, target, revision);
  return repeated(run.command, target, present, run.request.actor);
}

/**
 * The subject at `revision` or later. Rejects with EventStoreError if the store does not show it
 * before the deadline.
 */
export const loadAtLeast = <Payload, State>(
  { repository, clock }: Pick<AppenderDependencies, 'repository' | 'clock'>,
  { command, deadline }: Pick<Run<Payload, State>, 'command' | 'deadline'>,
  stream: string,
  revision: number,
): Promise<Loaded<State>> =>
  readUntil(
    () => repository.fresh(command.aggregate, stream, { deadline }),
    (found) => found.revision >= revision,
    { clock, deadline },
    Infinity,
  );
