import { randomUUID } from 'node:crypto';
import type { Clock } from '../events/clock.ts';
import {
  EventStoreError,
  type AppendResult,
  type EventStore,
  type StreamAppend,
} from '../events/eventStore.ts';
import { newEvent, notBefore, type Origin } from '../events/newEvent.ts';
import { subjectOf } from '../events/streams.ts';
import type { DomainEvent } from '../events/types.ts';
import type { Aggregate, Loaded, UniqueValue } from './aggregate.ts';
import {
  rejected,
  repeated,
  succeeded,
  type Command,
  type Outcome,
  type Rejection,
  type Request,
} from './command.ts';
import { keyedEventId, type IdempotencyKeys, type KeyRecord } from './idempotencyKeys.ts';
import type { Repository } from './repository.ts';
import type { Reservations } from './reservations.ts';

/** Decisions taken before a command gives up against the writes of other instances. */
const MOST_ATTEMPTS = 12;
/** Longest pause before a decision is taken anew, in milliseconds; doubled from 4 each time, with full jitter. */
const LONGEST_PAUSE_MS = 250;
/** Repeats of an append whose outcome is unknown. */
const MOST_REPEATS = 3;

export interface AppenderDependencies {
  store: EventStore;
  repository: Repository;
  reservations: Reservations;
  keys: IdempotencyKeys;
  clock: Clock;
}

/** One command on one stream. */
export interface Run<Payload, State> {
  command: Command<Payload, State>;
  payload: Payload;
  request: Request;
  origin: Origin;
  stream: string;
  /** What the Idempotency-Key has on record, null without one. */
  record: KeyRecord | null;
}

export type DecideAndAppend = <Payload, State>(run: Run<Payload, State>) => Promise<Outcome<State>>;

/** The loop at the heart of the write side: state, decision, claims, append; from the start again after a conflict. */
export function createAppender(dependencies: AppenderDependencies): DecideAndAppend {
  const { repository, keys, clock } = dependencies;

  return async function decideAndAppend<Payload, State>(run: Run<Payload, State>): Promise<Outcome<State>> {
    const { command, request, stream, origin } = run;
    let { record } = run;
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await clock.wait(Math.random() * Math.min(LONGEST_PAUSE_MS, 4 * 2 ** attempt));
      const load = attempt === 0 && !record ? repository.seen : repository.fresh;
      const loaded = await load(command.aggregate, stream);
      if (record) {
        // After the state, never before it: what the key does not show by now can only come behind this state, and then
        // the append conflicts. The other way round a write in between would hide the first one, and it would be applied twice.
        record = await keys.open(request.actor.account, request.key?.value ?? '');
        if (await keys.hasSucceeded(record)) {
          const target = record.begun?.target ?? stream;
          const present = await repository.fresh(command.aggregate, target);
          return repeated(command, target, present, request.actor);
        }
      }
      const now = notBefore(clock.now(), loaded.occurredAt);
      const decision = await decideOnPresent(dependencies, run, loaded, now);
      if ('rejection' in decision) return rejected(decision.rejection);
      if (decision.events.length === 0) {
        if (record) await keys.settle(record, origin, now);
        return succeeded(stream, decision.loaded, { repeated: false });
      }
      const at = notBefore(now, decision.loaded.occurredAt);
      const outcome = await append(dependencies, run, record, decision, at);
      if (outcome !== 'conflict') return outcome;
    }
    return rejected({ code: 'contention' });
  };
}

/** What follows, and from which state. */
type Decision<State> = { events: DomainEvent[]; loaded: Loaded<State> } | { rejection: Rejection };

/**
 * Decides on what this process last saw. Only events are guarded by the append at their revision; an answer that stores nothing is
 * decided again on the tail of the stream, or a stale memory would turn another instance's write into a wrong one.
 */
async function decideOnPresent<Payload, State>(
  { repository }: AppenderDependencies,
  run: Run<Payload, State>,
  seen: Loaded<State>,
  now: string,
): Promise<Decision<State>> {
  const first = decide(run, seen, now);
  // With a key the state was read from the stream just now, before the key was looked at: it must not move any more.
  if (run.record || ('events' in first && first.events.length > 0)) return first;
  const loaded = await repository.fresh(run.command.aggregate, run.stream);
  return loaded.revision === seen.revision ? first : decide(run, loaded, notBefore(now, loaded.occurredAt));
}

function decide<Payload, State>(
  { command, payload, request, stream }: Run<Payload, State>,
  loaded: Loaded<State>,
  now: string,
): Decision<State> {
  const id = subjectOf(stream)?.id ?? 0;
  // A removed subject never comes back under its id.
  if (command.subject.begins && loaded.began) return { rejection: { code: 'id-taken' } };
  const decided = command.decide(payload, loaded.state, { actor: request.actor, id, now });
  if (!Array.isArray(decided)) return { rejection: decided };
  if (request.ifMatch && !request.ifMatch(id, loaded.revision)) return { rejection: { code: 'stale' } };
  return { events: decided, loaded };
}

async function append<Payload, State>(
  { store, repository, reservations }: AppenderDependencies,
  { command, request, stream, origin }: Run<Payload, State>,
  record: KeyRecord | null,
  { events, loaded }: { events: DomainEvent[]; loaded: Loaded<State> },
  now: string,
): Promise<Outcome<State> | 'conflict'> {
  const { aggregate } = command;
  const newEvents = events.map((event, index) =>
    newEvent(record ? keyedEventId(record, index) : randomUUID(), event, origin, now, request.note),
  );
  const state = events.reduce<State | null>((before, event) => aggregate.evolve(before, event), loaded.state);
  const claims: StreamAppend[] = [];
  for (const value of newlyHeld(aggregate, loaded.state, state)) {
    const revision = loaded.revision + 1;
    const claim = await reservations.claim(aggregate, value, { owner: stream, revision, origin });
    if (claim === 'taken') {
      // On a state that has moved on, another answer may come first: decide anew.
      const { revision: present } = await repository.fresh(aggregate, stream);
      return present === loaded.revision ? rejected({ code: 'taken', member: value.member }) : 'conflict';
    }
    if (claim === 'contended') return rejected({ code: 'contention' });
    claims.push(claim);
  }
  const own: StreamAppend = { stream, expected: loaded.revision, events: newEvents };
  const { result, repeats } = await appendSurely(store, [...claims, own]);
  if (result.outcome === 'conflict') {
    if (repeats === 0 || !(await isStored(store, own))) return 'conflict';
  } else if (!record && repeats === 0 && result.position !== null) {
    const revision = loaded.revision + events.length;
    const after = { state, revision, position: result.position, occurredAt: now, began: true };
    repository.keep(stream, after);
    return succeeded(stream, after, { repeated: false });
  }
  // The store recognises a repeat by its ids alone: what it holds is what counts, not what was sent.
  return succeeded(stream, await repository.fresh(aggregate, stream), { repeated: false });
}

/** The values that the subject holds after a change and did not hold before. */
function newlyHeld<State>(
  aggregate: Aggregate<State>,
  before: State | null,
  after: State | null,
): UniqueValue[] {
  const held = before === null ? [] : aggregate.uniqueValues(before);
  const wanted = after === null ? [] : aggregate.uniqueValues(after);
  return wanted.filter(({ space, value }) => !held.some((one) => one.space === space && one.value === value));
}

/** Repeats an append whose outcome is unknown, with the same ids at the same revisions: it is stored once at most. */
async function appendSurely(
  store: EventStore,
  appends: readonly StreamAppend[],
): Promise<{ result: AppendResult; repeats: number }> {
  for (let repeats = 0; ; repeats += 1) {
    try {
      return { result: await store.append(appends), repeats };
    } catch (error) {
      const repeatable = error instanceof EventStoreError && error.outcomeUnknown;
      if (!repeatable || repeats === MOST_REPEATS) throw error;
    }
  }
}

async function isStored(store: EventStore, { stream, expected, events }: StreamAppend): Promise<boolean> {
  const stored = await store.readStream(stream, { from: expected + 1, limit: events.length });
  return stored.length > 0 && stored.every(({ id }, index) => id === events[index]?.id);
}
