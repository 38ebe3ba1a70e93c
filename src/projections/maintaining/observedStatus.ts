import type { Position } from '../../events/eventStore.ts';
import type { ViewRecord } from '../record/viewRecord.ts';
import { hasReached } from '../record/viewDeclaration.ts';
import { reportOfFirstBuild } from './firstBuild.ts';
import type { FollowerStatus } from '../record/followerStatus.ts';

/** Milliseconds without movement after which a view that is behind is stalled: a takeover takes 3.5 s. */
const MAX_STILL_MS = 5_000;

/** What a waiting instance can see of a view. */
interface Observation {
  /** Null before the view has a record. */
  control: ViewRecord | null;
  position: Position | null;
  /** The head of the log; undefined while the event store does not answer. */
  head: Position | null | undefined;
  /** For how long the position has not changed, in milliseconds. */
  stillMs: number;
  /** The state at the previous check. */
  before: FollowerStatus['state'];
}

/**
 * The state of a view that another instance maintains: what that instance reported in the record
 * and, for a shown view, its position. A report "live" of a view that is behind and does not move
 * is not trusted: the instance may be dead or suspended.
 */
export function observedStatus({ control, position, head, stillMs, before }: Observation): FollowerStatus {
  const report = control?.report ?? null;
  if (!control || control.live === null) {
    return { ...(report ?? reportOfFirstBuild(control)), position };
  }
  if (report && report.lastError !== null) return { ...report, position };
  if (head === undefined) return { state: report?.state ?? before, position, lastError: null };
  if (hasReached(position, head)) return { state: 'live', position, lastError: null };
  if (stillMs >= MAX_STILL_MS) {
    const lastError = 'the instance that holds the lease does not move the view';
    return { state: 'stalled', position, lastError };
  }
  return { state: (report?.state ?? before) === 'live' ? 'live' : 'catching-up', position, lastError: null };
}
