import type { Deadline } from '../platform/deadline.ts';
import type { Position } from '../events/eventStore.ts';
import type { Actor, DomainEvent, EventMetadata } from '../events/types.ts';
import { subjectOf } from '../events/streams.ts';
import { expectNotStuck, type Aggregate, type Loaded, type UniqueValue } from '../domain/aggregate.ts';
import type { Issue } from '../validation/schema.ts';

/** Why a command was rejected. Each is an expected outcome with a stable code. */
export type Rejection =
  /** The subject does not exist, or was removed. */
  | { code: 'not-found' }
  /** The actor may not do this to this subject. */
  | { code: 'forbidden' }
  /** The request conflicts with the subject's present state. */
  | { code: 'invalid'; faults: Issue[] }
  /** The subject is not at the revision that If-Match names. */
  | { code: 'stale' }
  /** Another subject holds this value. */
  | { code: 'taken'; member: UniqueValue['member'] }
  /** The Idempotency-Key was used for another request. */
  | { code: 'key-reused' }
  /** The id allocated for a registration is in use: retry with another. */
  | { code: 'id-taken' }
  /** Other writers won every attempt; nothing was stored. */
  | { code: 'contention' };

/** What a decision may use besides the request and the state. */
export interface DecisionContext {
  actor: Actor;
  /** The id in the name of the subject's stream. */
  id: number;
  /** The present instant, RFC 3339 in UTC. */
  now: string;
}

/** A request to change one subject. */
export interface Command<Payload, State> {
  /** Its name in logs and metrics. */
  name: string;
  aggregate: Aggregate<State>;
  /**
   * How the subject is found: it is new (its id is allocated first), found by a unique value, or by
   * its stream (null if no subject can have the id).
   */
  subject:
    | { begins: true }
    | { begins: false; find(payload: Payload, actor: Actor): UniqueValue }
    | { begins: false; stream(payload: Payload): string | null };
  /**
   * Whether the actor may see the subject's present state when a successful command is repeated.
   * Default: yes.
   */
  mayRepeat?(state: State | null, actor: Actor): boolean;
  /** The resulting events (none if nothing changes) or the rejection. Pure. */
  decide(payload: Payload, state: State | null, context: DecisionContext): DomainEvent[] | Rejection;
}

/** An Idempotency-Key, and what distinguishes its request from others. */
export interface RequestKey {
  value: string;
  route: string;
  /** Stored with the key. */
  bodyHash: string;
  /** The hash that padron 0.1 stored for the same body. */
  formerBodyHash?(): string;
}

/** The caller's identity and options. */
export interface Request {
  actor: Actor;
  requestId: string;
  correlationId: string;
  /** Checks the If-Match precondition against the present revision; null if there is none. */
  ifMatch: ((id: number, revision: number) => boolean) | null;
  /** The Idempotency-Key, if the caller sent one. */
  key: RequestKey | null;
  /**
   * The time by which the caller gets an answer. Default: COMMAND_LIMIT_MS from the start of the
   * command.
   */
  deadline?: Deadline;
  /** Why, as recorded in the resulting events. */
  note?: Pick<EventMetadata, 'reason' | 'revertTo'>;
}

/** The outcome of a command. */
export type Outcome<State> =
  | {
      outcome: 'done';
      id: number;
      /** The state after it; null after a removal. */
      state: State | null;
      revision: number;
      /** Position of the subject's last event. */
      position: Position | null;
      /** True if an earlier request with the same key made the change. */
      repeated: boolean;
    }
  | { outcome: 'rejected'; rejection: Rejection };

export const rejected = (rejection: Rejection): Outcome<never> => ({ outcome: 'rejected', rejection });

export function succeeded<State>(
  stream: string,
  { state, revision, position }: Loaded<State>,
  { repeated }: { repeated: boolean },
): Outcome<State> {
  return { outcome: 'done', id: subjectIdOf(stream), state, revision, position, repeated };
}

/**
 * The id in a subject's stream name. Throws for any other stream: a command must not write there.
 */
export function subjectIdOf(stream: string): number {
  const subject = subjectOf(stream);
  if (!subject) throw new Error(`${stream} is not the stream of a person or user`);
  return subject.id;
}

/**
 * The answer to a repeat of a successful command: the subject's present state, if the actor may see
 * it.
 */
export function repeated<Payload, State>(
  command: Command<Payload, State>,
  stream: string,
  present: Loaded<State>,
  actor: Actor,
): Outcome<State> {
  if (command.mayRepeat && !command.mayRepeat(present.state, actor)) return rejected({ code: 'forbidden' });
  expectNotStuck(stream, present);
  return succeeded(stream, present, { repeated: true });
}
