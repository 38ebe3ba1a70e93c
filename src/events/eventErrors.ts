import { PadronError } from '../platform/padronError.ts';
import { StoreError } from '../platform/storeError.ts';

/**
 * The log that a subscription followed was replaced by a different one, or by an older state of it.
 */
export class LogReplacedError extends PadronError {
  constructor() {
    super('the event log was replaced by another one, or by an older state of it');
  }
}

/** The store failed. `outcomeUnknown`: it may have stored the events, but the answer was lost. */
export class EventStoreError extends StoreError {
  readonly outcomeUnknown: boolean;

  constructor(message: string, options: { outcomeUnknown: boolean; cause?: unknown }) {
    super(message, { cause: options.cause });
    this.outcomeUnknown = options.outcomeUnknown;
  }
}

/** The error of a call whose deadline passed before anything was stored. */
export const noTimeLeft = (): EventStoreError =>
  new EventStoreError('the deadline has passed', { outcomeUnknown: false });

/**
 * The store refuses a call for good: waiting does not help. The message tells the operator the
 * cause and what to do.
 */
export class EventStoreRefusedError extends EventStoreError {
  override readonly isRefusal = true;
}

/**
 * A person's key is missing or damaged, and was not erased: the key store was lost, restored to an older
 * state, or is not the one of this log. Nothing may be concluded about the person. `about` says whose,
 * or which event.
 */
export class KeyUnavailableError extends EventStoreError {
  constructor(about: string) {
    super(
      `the key of ${about} is missing from the key store, damaged there, or wrapped by an unknown master key`,
      { outcomeUnknown: false },
    );
  }
}

/** A person was erased: nothing more is stored of that person. */
export class SubjectErasedError extends EventStoreError {
  constructor(subject: string) {
    super(`${subject} was erased`, { outcomeUnknown: false });
  }
}

/**
 * An event that cannot have happened: its data lacks the shape of its type, or it contradicts the
 * events before it. Reading it again does not help; an operator may skip it. The message quotes no
 * value.
 */
export class EventFault extends PadronError {}
