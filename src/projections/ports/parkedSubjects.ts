import type { CommandOrigin } from '../../events/newEvent.ts';
import type { Parked } from './readModel.ts';

/** A subject that a view could not bring level, as an answer shows it (contract, section 7). */
export interface ParkedEntry extends Omit<Parked, 'heldUpTo'> {
  /**
   * `users-15.3`: the view, the subject's id, the event's revision. A subject has one entry at most in a view; an order that is repeated after its
   * answer was lost cannot meet the entry of a later event.
   */
  id: string;
  projection: string;
  /** `user-15` */
  subject: string;
}

/** What became of a try to bring a parked subject level. */
export interface ParkedOutcome {
  /** The entry it was tried on. */
  entry: ParkedEntry;
  /** The entry that is left, with one more attempt or on a later event; null: the subject is level. */
  left: ParkedEntry | null;
}

/** Which entries are listed. */
export interface ParkedQuery {
  /** Only of this view. */
  view?: string;
  /** Only behind this subject of this view. */
  after?: ParkedPlace | null;
  /** 500 by default. */
  limit?: number;
}

export interface ParkedPlace {
  projection: string;
  id: number;
}

/** Who wants an event skipped, and why. */
export interface SkipOrder extends Omit<CommandOrigin, 'commandId'> {
  reason: string;
}

/**
 * Subjects that are parked in the shown views. Any instance may do any of it at any moment. Every method rejects with ReadModelError or EventStoreError
 * when a store is out of reach, and with UnknownEventError where the subject waits for a newer padron.
 */
export interface ParkedSubjects {
  /** Entries in the order of the views and of the subjects' ids. */
  list(query?: ParkedQuery): Promise<ParkedEntry[]>;
  /** How many a view has. Loads none of them. */
  count(view: string): Promise<number>;
  /** Tries again from the event it stands at; null when nothing is parked under this id. */
  retry(id: string): Promise<ParkedOutcome | null>;
  /**
   * Stores that this view skips an event (`EventSkipped` on `padron-skips`, which rebuild and verify honour), then brings
   * the subject level behind it. The event is the one that the subject is parked at, or, where it is not parked, one that the view
   * cannot apply: so also one at which a rebuild failed. Null for any other event.
   */
  skip(id: string, order: SkipOrder): Promise<ParkedOutcome | null>;
}
