import type { CommandOrigin } from '../../events/newEvent.ts';
import type { Parked } from '../ports/documents.ts';

/** A subject that a view could not catch up, as presented in answers. */
export interface ParkedEntry extends Omit<Parked, 'heldUpTo'> {
  /**
   * `users-15.3`: the view, the subject's id, the event's revision. A subject has at most one entry
   * per view. A request repeated after a lost answer cannot affect the entry of a later event.
   */
  id: string;
  projection: string;
  /** `user-15` */
  subject: string;
}

/** The outcome of retrying a parked subject. */
export interface ParkedOutcome {
  /** The entry that was retried. */
  entry: ParkedEntry;
  /** What is left, with one more attempt or at a later event; null if the subject is caught up. */
  left: ParkedEntry | null;
}

export interface ParkedPlace {
  projection: string;
  id: number;
}

/** Who skips an event, and why. */
export interface SkipOrder extends Omit<CommandOrigin, 'commandId'> {
  reason: string;
}
