import type { StreamAppend, EventStore } from '../../events/eventStore.ts';
import type { DomainEvent } from '../../events/types.ts';
import type { Aggregate, Loaded, UniqueValue } from '../../domain/aggregate.ts';
import { rejected, type Outcome } from '../command.ts';
import type { Run } from './decision.ts';
import type { Clock } from '../../platform/clock.ts';
import type { IdempotencyKeys } from '../claims/idempotencyKeys.ts';
import type { Repository } from '../loading/repository.ts';
import type { Reservations } from '../claims/reservations.ts';

/** The claims on these values to append before the events, or the outcome if one cannot be claimed. */
export async function claimsFor<Payload, State>(
  { repository, reservations }: AppenderDependencies,
  { command, stream, origin, deadline, floors }: Run<Payload, State>,
  loaded: Loaded<State>,
  values: readonly UniqueValue[],
): Promise<StreamAppend[] | Outcome<never> | 'conflict'> {
  const { aggregate } = command;
  const claims: StreamAppend[] = [];
  for (const value of values) {
    const by = { owner: stream, revision: loaded.revision + 1, origin };
    const claim = await reservations.claim(aggregate, value, by, { deadline, floors });
    if (claim === 'contended') return rejected({ code: 'contention' });
    if (claim !== 'taken') {
      claims.push(claim);
      continue;
    }
    // The state has moved on: decide again, the answer may differ.
    const { revision: present } = await repository.fresh(aggregate, stream, { deadline });
    const isPresent = present === loaded.revision && present >= floors.of(stream);
    return isPresent ? rejected({ code: 'taken', member: value.member }) : 'conflict';
  }
  return claims;
}

/** The values that the subject acquires by these events. */
export function newlyHeld<State>(
  aggregate: Aggregate<State>,
  before: State | null,
  events: readonly DomainEvent[],
): UniqueValue[] {
  const after = stateAfter(aggregate, before, events);
  const held = before === null ? [] : aggregate.uniqueValues(before);
  const wanted = after === null ? [] : aggregate.uniqueValues(after);
  return wanted.filter(({ space, value }) => !held.some((one) => one.space === space && one.value === value));
}

export interface AppenderDependencies {
  store: EventStore;
  repository: Repository;
  reservations: Reservations;
  keys: IdempotencyKeys;
  clock: Clock;
}

export const stateAfter = <State>(
  { evolve }: Aggregate<State>,
  before: State | null,
  events: readonly DomainEvent[],
): State | null => events.reduce<State | null>((state, event) => evolve(state, event), before);
