import { NO_REVISION, type Position, type RecordedEvent } from '../events/eventStore.ts';
import type { SubjectKind } from '../events/streams.ts';
import type { DomainEvent } from '../events/types.ts';
import { toDomainEvent, UnknownEventError } from '../events/domainEvent.ts';
import { NO_SKIPS, type Skips } from '../events/bookkeeping/skips.ts';
import { PadronError, reasonOf } from '../platform/padronError.ts';

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
  /** The view that is this aggregate's own fold: an event that it skips is skipped here, too (docs/adr/0006, 0020). */
  view: string;
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
  /** Set where the stream holds an event that cannot be applied: `state` is the last one before it. */
  stuck?: StuckAt;
}

/** An event that cannot be applied and that no operator has skipped. */
export interface StuckAt {
  revision: number;
  /** See reasonOf. */
  reason: string;
}

/** The revision whose state this is; that of the stream, except where it is stuck. */
export const goodRevision = ({ revision, stuck }: Pick<Loaded<unknown>, 'revision' | 'stuck'>): number =>
  stuck ? stuck.revision - 1 : revision;

/** A command on a subject that is stuck: an operator has to skip the event, or the instance that can apply it is missing. */
export class StuckSubjectError extends PadronError {
  constructor(stream: string, { revision, reason }: StuckAt) {
    super(`${stream} cannot be changed: its event at revision ${revision} cannot be applied (${reason})`);
    this.name = 'StuckSubjectError';
  }
}

/** Throws StuckSubjectError for a subject that is stuck. */
export function expectNotStuck(stream: string, { stuck }: Pick<Loaded<unknown>, 'stuck'>): void {
  if (stuck) throw new StuckSubjectError(stream, stuck);
}

export const NOTHING_LOADED: Loaded<never> = {
  state: null,
  revision: NO_REVISION,
  position: null,
  occurredAt: null,
  began: false,
};

/**
 * The subject after one more event of its stream. A skipped event takes a revision and changes nothing else. So do, behind
 * an event that cannot be applied, all events: the state stays the last good one. Throws UnknownEventError only.
 */
export function applyRecorded<State>(
  aggregate: Aggregate<State>,
  loaded: Loaded<State>,
  recorded: RecordedEvent,
  skips: Skips = NO_SKIPS,
): Loaded<State> {
  const { stream, revision, position, metadata } = recorded;
  const passed = { ...loaded, revision, position, occurredAt: metadata.occurredAt, began: true };
  if (loaded.stuck || skips.has(aggregate.view, stream, revision)) return passed;
  try {
    return applied(aggregate, loaded, recorded);
  } catch (error) {
    if (error instanceof UnknownEventError) throw error;
    return { ...passed, stuck: { revision, reason: reasonOf(error) } };
  }
}

/**
 * The subject after one more event, which has to be one that can be applied: throws EventFault, UnknownEventError, and what
 * the aggregate throws. A lapsed reservation takes a revision and changes nothing else.
 */
export function applied<State>(
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
