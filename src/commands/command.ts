import type { Deadline } from '../platform/deadline.ts';
import type { Position } from '../events/eventStore.ts';
import type { Actor, DomainEvent, EventMetadata } from '../events/types.ts';
import { subjectOf } from '../events/streams.ts';
import { expectNotStuck, type Aggregate, type Loaded, type UniqueValue } from '../domain/aggregate.ts';
import type { Issue } from '../validation/schema.ts';

/** Why a command changed nothing. Expected outcomes, each with a stable code. */
export type Rejection =
  /** There is no such subject (any more). */
  | { code: 'not-found' }
  /** The actor may not do this to this subject. */
  | { code: 'forbidden' }
  /** What was asked does not go together with what is there. */
  | { code: 'invalid'; faults: Issue[] }
  /** The subject is not at the revision that If-Match names. */
  | { code: 'stale' }
  /** Somebody else holds this value. */
  | { code: 'taken'; member: UniqueValue['member'] }
  /** The Idempotency-Key was used for another request. */
  | { code: 'key-reused' }
  /** The id that a registration was given is in use: another one is to be taken. */
  | { code: 'id-taken' }
  /** Other writers won every attempt; nothing was stored. */
  | { code: 'contention' };

/** What a decision may depend on beside the request and the state. */
export interface DecisionContext {
  actor: Actor;
  /** The id that the subject's stream is named by. */
  id: number;
  /** The present instant, RFC 3339 in UTC. */
  now: string;
}

/** A request to change one subject. */
export interface Command<Payload, State> {
  /** What it is called in logs and metrics. */
  name: string;
  aggregate: Aggregate<State>;
  /** Whether it begins a subject (then its id is allocated first), or finds one by a value that it holds or by its stream. */
  subject:
    | { begins: true }
    | { begins: false; find(payload: Payload, actor: Actor): UniqueValue }
    | { begins: false; stream(payload: Payload): string };
  /** Whether the actor may see the subject as it is now, in the answer to a repeat of a command that has succeeded. Default: yes. */
  mayRepeat?(state: State | null, actor: Actor): boolean;
  /** The events that follow, none when nothing changes; or why not. Pure. */
  decide(payload: Payload, state: State | null, context: DecisionContext): DomainEvent[] | Rejection;
}

/** An Idempotency-Key, and what tells its request from others. */
export interface RequestKey {
  value: string;
  route: string;
  /** Stored with the key. */
  bodyHash: string;
  /** The hash of the same body as padron 0.1 stored it. */
  formerBodyHash?(): string;
}

/** Who asks, and how. */
export interface Request {
  actor: Actor;
  requestId: string;
  correlationId: string;
  /** Whether the revision that the caller saw still stands; null: any will do. */
  ifMatch: ((id: number, revision: number) => boolean) | null;
  /** Present when the caller may repeat the request. */
  key: RequestKey | null;
  /** The time by which the caller gets an answer. Default: COMMAND_LIMIT_MS from the start of the command. */
  deadline?: Deadline;
  /** What the events that follow are to say of why. */
  note?: Pick<EventMetadata, 'reason' | 'revertTo'>;
}

/** What became of a command. */
export type Outcome<State> =
  | {
      outcome: 'done';
      id: number;
      /** The state after it; null after a removal. */
      state: State | null;
      revision: number;
      /** Position of the subject's last event. */
      position: Position | null;
      /** True when an earlier request with the same key had done it. */
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

/** The id in a subject's stream. Throws for any other stream: a command must not write there. */
export function subjectIdOf(stream: string): number {
  const subject = subjectOf(stream);
  if (!subject) throw new Error(`${stream} is not the stream of a person or user`);
  return subject.id;
}

/** The answer to a repeat of a command that has succeeded: the subject as it is now, if the actor may see it as it is now. */
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
