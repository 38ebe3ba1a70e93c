import type { CommandOrigin } from '../../events/newEvent.ts';
import type { Parked } from './documents.ts';

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

/** Selects the listed entries. */
export interface ParkedQuery {
  /** Only entries of this view. */
  view?: string;
  /** Only entries after this subject of this view. */
  after?: ParkedPlace | null;
  /** 500 by default. */
  limit?: number;
}

export interface ParkedPlace {
  projection: string;
  id: number;
}

/** Who skips an event, and why. */
export interface SkipOrder extends Omit<CommandOrigin, 'commandId'> {
  reason: string;
}

/**
 * The parked subjects of the current views. Any instance may call any method at any time. Every
 * method rejects with ReadModelError or EventStoreError if a store is unreachable, and with
 * UnknownEventError if the subject needs a newer padron.
 */
export interface ParkedSubjects {
  /** Entries ordered by view and subject id. */
  list(query?: ParkedQuery): Promise<ParkedEntry[]>;
  /** The number of entries of a view. Loads none of them. */
  count(view: string): Promise<number>;
  /** Retries from the event at which a subject is parked; null if nothing is parked under this id. */
  retry(id: string): Promise<ParkedOutcome | null>;
  /**
   * Records that this view skips an event (`EventSkipped` on `padron-skips`, which rebuild and
   * verify honour), then catches the subject up. The event must be the one at which the subject is
   * parked or, if it is not parked, one that the view cannot apply, such as one at which a rebuild
   * failed. Null for any other event.
   */
  skip(id: string, order: SkipOrder): Promise<ParkedOutcome | null>;
}
