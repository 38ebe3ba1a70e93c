import type { Clock } from '../../platform/clock.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { notBefore, type CommandOrigin } from '../../events/newEvent.ts';
import type { DomainEvent } from '../../events/types.ts';
import { expectNotStuck, type Loaded } from '../../domain/aggregate.ts';
import { subjectIdOf, type Command, type Rejection, type Request } from '../command.ts';
import type { Floors } from '../loading/floors.ts';
import type { KeyRecord } from '../claims/idempotencyKeys.ts';
import type { Repository } from '../loading/repository.ts';
import { readUntil } from '../loading/waits.ts';

/** A command on one stream. */
export interface Run<Payload, State> {
  command: Command<Payload, State>;
  payload: Payload;
  /** Prepares the payload for storage; null if it is stored unchanged. */
  prepare: (() => Promise<Payload>) | null;
  request: Request;
  origin: CommandOrigin;
  stream: string;
  /** Streams that the command has ruled out: ids in use, former holders of the value. */
  left: ReadonlySet<string>;
  /** The Idempotency-Key's record, null without a key. */
  record: KeyRecord | null;
  deadline: Deadline;
  floors: Floors;
}

/** The outcome for a given state, and the instant of the decision. */
export type Decision<State> = { loaded: Loaded<State>; now: string } & (
  { events: DomainEvent[] } | { rejection: Rejection }
);

interface Dependencies {
  repository: Repository;
  clock: Clock;
}

/** The subject as its stream is now; below the run's floor only if the store lags for long. */
export const loadPresent = <Payload, State>(
  { repository, clock }: Dependencies,
  { command, stream, deadline, floors }: Run<Payload, State>,
): Promise<Loaded<State>> =>
  readUntil(
    () => repository.fresh(command.aggregate, stream, { deadline }),
    ({ revision }) => revision >= floors.of(stream),
    { clock, deadline },
  );

/**
 * Repeats on the fresh state a decision that came from the cache and stores nothing. Events are
 * guarded by the append at their revision; any other answer from a stale cache would be wrong.
 */
export async function decideOnPresent<Payload, State>(
  dependencies: Dependencies,
  run: Run<Payload, State>,
  first: Decision<State>,
): Promise<Decision<State>> {
  const present = await loadPresent(dependencies, run);
  return present.revision === first.loaded.revision ? first : decide(dependencies, run, present);
}

/** Whether there is something to append. */
export const storesEvents = <State>(decision: Decision<State>): boolean =>
  'events' in decision && decision.events.length > 0;

/** Decides on a loaded subject. Throws StuckSubjectError if one of its events cannot be applied. */
export function decide<Payload, State>(
  { clock }: Pick<Dependencies, 'clock'>,
  { command, payload, request, stream }: Run<Payload, State>,
  loaded: Loaded<State>,
  now = notBefore(clock.now(), loaded.occurredAt),
): Decision<State> {
  const id = subjectIdOf(stream);
  // A removed subject's id is never used again.
  if (command.subject.begins && loaded.began) return { loaded, now, rejection: { code: 'id-taken' } };
  expectNotStuck(stream, loaded);
  const decided = command.decide(payload, loaded.state, { actor: request.actor, id, now });
  if (!Array.isArray(decided)) return { loaded, now, rejection: decided };
  if (request.ifMatch && !request.ifMatch(id, loaded.revision)) {
    return { loaded, now, rejection: { code: 'stale' } };
  }
  return { loaded, now, events: decided };
}
