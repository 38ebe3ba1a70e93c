import { NO_REVISION, type Position, type RecordedEvent } from '../events/eventStore.ts';
import type { SubjectKind } from '../events/streams.ts';
import type { DomainEvent, EventsOf } from '../events/types.ts';
import { isOf } from '../events/catalogue.ts';
import { ErasedData } from '../events/codec.ts';
import { toDomainEvent, UnknownEventError } from '../events/domainEvent.ts';
import { EventFault } from '../events/eventErrors.ts';
import { NO_SKIPS, type Skips } from '../events/bookkeeping/skips.ts';
import { PadronError, reasonOf } from '../platform/padronError.ts';

/** A value that at most one subject may hold at a time. */
export interface UniqueValue {
  /** The name space: a person and a user may have the same DNI. */
  space: 'persona-dni' | 'persona-cuenta' | 'user-dni';
  /** The normalised value. */
  value: string;
  /** The request member that the error names. */
  member: 'dni' | 'cuenta';
}

/** How a subject's state is folded from its events. Pure. */
export interface Aggregate<State> {
  kind: SubjectKind;
  /**
   * The view that folds the same state. An event that the view skips is skipped here too
   * (docs/adr/0006, 0020).
   */
  view: string;
  /**
   * The state after an event; null before registration and after removal. Throws if the event is
   * impossible in this state.
   */
  evolve(state: State | null, event: DomainEvent): State | null;
  /** The unique values that this state holds. */
  uniqueValues(state: State): UniqueValue[];
}

const SUBJECTS: Record<SubjectKind, string> = { persona: 'a person', user: 'a user' };

/** Completes an aggregate: its own `evolve` only gets events of its kind; others throw EventFault. */
export const aggregateOf = <Kind extends SubjectKind, State>(
  own: Omit<Aggregate<State>, 'kind' | 'evolve'> & {
    kind: Kind;
    evolve: (state: State | null, event: EventsOf[Kind]) => State | null;
  },
): Aggregate<State> => ({
  ...own,
  evolve(state, event) {
    if (isOf(own.kind, event)) return own.evolve(state, event);
    throw new EventFault(`${event.type} in the stream of ${SUBJECTS[own.kind]}`);
  },
});

/** A subject as read from its stream. */
export interface Loaded<State> {
  state: State | null;
  /** Revision of the last event; NO_REVISION for an empty stream. */
  revision: number;
  /** Position of its last event. */
  position: Position | null;
  /** Instant of its last event. */
  occurredAt: string | null;
  /** Whether it was ever registered. If so and `state` is null, it was removed. */
  began: boolean;
  /** Set if the subject was erased: then `state` stays null. */
  erased?: true;
  /** Set if an event cannot be applied: `state` is the one before that event. */
  stuck?: StuckAt;
}

/** An event that cannot be applied and that no operator has skipped. */
export interface StuckAt {
  revision: number;
  /** See reasonOf. */
  reason: string;
}

/** The revision that `state` is at: the stream's, unless the subject is stuck. */
export const goodRevision = ({ revision, stuck }: Pick<Loaded<unknown>, 'revision' | 'stuck'>): number =>
  stuck ? stuck.revision - 1 : revision;

/** A command was sent to a stuck subject. Skip the event, or run a version that can apply it. */
export class StuckSubjectError extends PadronError {
  constructor(stream: string, { revision, reason }: StuckAt) {
    super(`${stream} cannot be changed: its event at revision ${revision} cannot be applied (${reason})`);
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
 * The subject after one more event of its stream. A skipped event only advances the revision, as
 * does every event after one that cannot be applied. Throws only UnknownEventError.
 */
export function applyRecorded<State>(
  aggregate: Aggregate<State>,
  loaded: Loaded<State>,
  recorded: RecordedEvent,
  skips: Skips = NO_SKIPS,
): Loaded<State> {
  const { stream, revision } = recorded;
  const isPassed = loaded.stuck !== undefined || skips.has(aggregate.view, stream, revision);
  if (isPassed && !endsSubject(recorded)) return passed(loaded, recorded);
  try {
    return applied(aggregate, loaded, recorded);
  } catch (error) {
    if (error instanceof UnknownEventError) throw error;
    return { ...passed(loaded, recorded), stuck: { revision, reason: reasonOf(error) } };
  }
}

const passed = <State>(
  loaded: Loaded<State>,
  { revision, position, metadata: { occurredAt } }: RecordedEvent,
): Loaded<State> => ({ ...loaded, revision, position, occurredAt, began: true });

/**
 * The subject after one more event. Throws EventFault, UnknownEventError or whatever the aggregate
 * throws if the event cannot be applied. A lapsed reservation only advances the revision.
 */
export function applied<State>(
  { evolve }: Aggregate<State>,
  loaded: Loaded<State>,
  recorded: RecordedEvent,
): Loaded<State> {
  const event = toDomainEvent(recorded);
  const {
    revision,
    position,
    metadata: { occurredAt },
  } = recorded;
  if (event === null) return { ...loaded, revision, position, occurredAt };
  if (loaded.erased || event.type === 'Erased' || event.type === 'SubjectErased') {
    return { state: null, revision, position, occurredAt, began: true, erased: true };
  }
  return { state: evolve(loaded.state, event), revision, position, occurredAt, began: true };
}

/** Whether an event erased its subject and everything before it. */
export const endsSubject = ({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): boolean =>
  type === 'SubjectErased' || data instanceof ErasedData;

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

/**
 * For each member of `wanted` that differs from `current`, both values; null if none differs.
 * Missing members stay as they are.
 */
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
