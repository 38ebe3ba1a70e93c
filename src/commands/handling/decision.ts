import type { Clock } from '../../events/clock.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { notBefore, type CommandOrigin } from '../../events/newEvent.ts';
import type { DomainEvent } from '../../events/types.ts';
import { expectNotStuck, type Loaded } from '../../domain/aggregate.ts';
import { subjectIdOf, type Command, type Rejection, type Request } from '../command.ts';
import type { Floors } from './floors.ts';
import type { KeyRecord } from '../claims/idempotencyKeys.ts';
import type { Repository } from './repository.ts';
import { readUntil } from './waits.ts';

/** One command on one stream. */
export interface Run<Payload, State> {
  command: Command<Payload, State>;
  payload: Payload;
  /** The payload as its events store it; null where it is stored as it is. */
  prepare: (() => Promise<Payload>) | null;
  request: Request;
  origin: CommandOrigin;
  stream: string;
  /** The subjects that the command had to leave: ids in use, holders that hold the value no more. */
  left: ReadonlySet<string>;
  /** What the Idempotency-Key has on record, null without one. */
  record: KeyRecord | null;
  deadline: Deadline;
  floors: Floors;
}

/** What follows from which state, and the instant at which it was decided. */
export type Decision<State> = { loaded: Loaded<State>; now: string } & (
  { events: DomainEvent[] } | { rejection: Rejection }
);

interface Dependencies {
  repository: Repository;
  clock: Clock;
}

/** The run's subject as its stream is now; below the run's floor only where the store lags for long. */
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
 * Decides on the state that this process last saw. Only events are guarded by the append at their revision; an answer that stores
 * nothing is decided again on the tail of the stream, or a stale memory would turn another instance's write into a wrong one.
 */
export async function decideOnSeen<Payload, State>(
  dependencies: Dependencies,
  run: Run<Payload, State>,
  seen: Loaded<State>,
): Promise<Decision<State>> {
  const first = decide(dependencies, run, seen);
  if ('events' in first && first.events.length > 0) return first;
  const present = await loadPresent(dependencies, run);
  return present.revision === seen.revision ? first : decide(dependencies, run, present);
}

/** Throws StuckSubjectError for a subject with an event that cannot be applied. */
export function decide<Payload, State>(
  { clock }: Pick<Dependencies, 'clock'>,
  { command, payload, request, stream }: Run<Payload, State>,
  loaded: Loaded<State>,
  now = notBefore(clock.now(), loaded.occurredAt),
): Decision<State> {
  const id = subjectIdOf(stream);
  // A removed subject never comes back under its id.
  if (command.subject.begins && loaded.began) return { loaded, now, rejection: { code: 'id-taken' } };
  expectNotStuck(stream, loaded);
  const decided = command.decide(payload, loaded.state, { actor: request.actor, id, now });
  if (!Array.isArray(decided)) return { loaded, now, rejection: decided };
  if (request.ifMatch && !request.ifMatch(id, loaded.revision)) {
    return { loaded, now, rejection: { code: 'stale' } };
  }
  return { loaded, now, events: decided };
}
