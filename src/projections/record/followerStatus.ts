import type { Position } from '../../events/eventStore.ts';
import { oneOf, optional, orNull, text, shaped, type Checked } from './shape.ts';

export const isReport = shaped({
  /**
   * catching-up: not yet caught up. live: caught up, or on the way. stalled: the last attempt failed
   * and is retried automatically. paused: met an event that only a newer padron can read or whose
   * key is missing, or a different log.
   */
  state: oneOf('catching-up', 'live', 'stalled', 'paused'),
  /** Why it is stalled or paused; contains no personal data. */
  lastError: orNull(text),
  /** What a paused view needs: a newer padron, a rebuild from the present log, or a person's key. */
  needs: optional(oneOf('upgrade', 'rebuild', 'key')),
});

/** A view's state as reported by the instance that maintains it: a status without its position. */
export type Report = Checked<typeof isReport>;

export interface FollowerStatus extends Report {
  position: Position | null;
}

export type Needs = NonNullable<FollowerStatus['needs']>;

/** Of these, what only an operator can provide: a rebuild would meet the same event. */
export type Blocker = Exclude<Needs, 'rebuild'>;

/**
 * Whether the view is paused at an event that only a newer padron can read, or whose key is missing.
 * It stays there until an operator acts, which must not hold up other views.
 */
export const isBlocked = (status: Pick<FollowerStatus, 'needs'>): status is { needs: Blocker } =>
  status.needs === 'upgrade' || status.needs === 'key';
