import type { Position } from '../../events/eventStore.ts';

/**
 * catching-up: not yet caught up. live: caught up, or on the way. stalled: the last attempt failed
 * and is retried automatically. paused: met an event that only a newer padron can read, or a
 * different log.
 */
export type FollowerState = 'catching-up' | 'live' | 'stalled' | 'paused';

export interface FollowerStatus {
  state: FollowerState;
  position: Position | null;
  /** Why it is stalled or paused; contains no personal data. */
  lastError: string | null;
  /** What a paused view needs. */
  needs?: Needs;
}

/** An instance that knows the event, a rebuild from the present log, or a person's missing key. */
export type Needs = 'upgrade' | 'rebuild' | 'key';

/**
 * Whether the view is paused at an event that only a newer padron can read, or whose key is missing.
 * It stays there until an operator acts, which must not hold up other views.
 */
export const isBlocked = ({ needs }: FollowerStatus): boolean => needs === 'upgrade' || needs === 'key';
