import { NO_REVISION, type Position, type RecordedEvent } from '../events/eventStore.ts';
import type { SubjectKind } from '../events/streams.ts';
import type { DomainEvent } from '../events/types.ts';
import { toDomainEvent } from '../events/domainEvent.ts';

/** A value that at most one subject may hold at a time. */
export interface UniqueValue {
  /** Its name space: a DNI of persons and the same DNI of users do not meet. */
  space: 'persona-dni' | 'persona-cuenta' | 'user-dni';
  /** In its normal form. */
  value: string;
  /** The member of the request that holds it, for the error. */
  member: 'dni' | 'cuenta';
}

/** How a subject's state comes from its events. Pure. */
export interface Aggregate<State> {
  kind: SubjectKind;
  /** The state after an event; null before the first and after a removal. Throws for an event that cannot happen then. */
  evolve(state: State | null, event: DomainEvent): State | null;
  /** What the subject holds that nobody else may. */
  uniqueValues(state: State): UniqueValue[];
}

/** A subject as read from its stream. */
export interface Loaded<State> {
  state: State | null;
  /** Where the stream stands, NO_REVISION when it has no event. */
  revision: number;
  /** Position of its last event. */
  position: Position | null;
  /** Instant of its last event. */
  occurredAt: string | null;
  /** Whether it has ever been registered: with `state` null it was removed. */
  began: boolean;
}

export const NOTHING_LOADED: Loaded<never> = {
  state: null,
  revision: NO_REVISION,
  position: null,
  occurredAt: null,
  began: false,
};

/** The subject after one more event of its stream. A lapsed reservation takes a revision and changes nothing else. */
export function advance<State>(
  { evolve }: Aggregate<State>,
  loaded: Loaded<State>,
  recorded: RecordedEvent,
): Loaded<State> {
  const event = toDomainEvent(recorded);
  return {
    state: event ? evolve(loaded.state, event) : loaded.state,
    revision: recorded.revision,
    position: recorded.position,
    occurredAt: recorded.metadata.occurredAt,
    began: loaded.began || event !== null,
  };
}

/** `fields` with the new values of `changes`. */
export function applyChanges<Fields extends object>(
  fields: Fields,
  changes: Partial<Record<string, { from: unknown; to: unknown }>>,
): Fields {
  const next = { ...fields } as Record<string, unknown>;
  for (const member of Object.keys(changes)) {
    const change = changes[member];
    if (change) next[member] = change.to;
  }
  return next as Fields;
}

/** Per member of `wanted` that differs from `current`, both values; null when none does. A member left out stays. */
export function changesBetween<Fields extends object>(
  current: Fields,
  wanted: Partial<Fields>,
): Record<string, { from: unknown; to: unknown }> | null {
  let changes: Record<string, { from: unknown; to: unknown }> | null = null;
  for (const member of Object.keys(wanted) as (keyof Fields & string)[]) {
    const to = wanted[member];
    if (to === undefined || to === current[member]) continue;
    changes ??= {};
    changes[member] = { from: current[member], to };
  }
  return changes;
}
