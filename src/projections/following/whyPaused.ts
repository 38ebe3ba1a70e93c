import { reasonOf } from '../../platform/padronError.ts';
import { UnknownEventError } from '../../events/domainEvent.ts';
import { KeyUnavailableError } from '../../events/eventErrors.ts';
import type { Blocker, Needs, Report } from '../record/followerStatus.ts';
import { ReadModelError, UnknownRecordError } from '../record/readModelError.ts';
import { ForeignLogError } from './logIdentity.ts';

/** Work in another thread or follower is blocked (see isBlocked); the message says by what. */
export class BlockedError extends ReadModelError {
  readonly needs: Blocker;

  constructor(message: string, needs: Blocker) {
    super(message);
    this.needs = needs;
  }
}

/** The state of a view after `error`: paused if it needs something, otherwise stalled. */
export function reportOf(error: unknown): Report {
  const lastError = reasonOf(error);
  const needs = needsOf(error);
  return needs ? { state: 'paused', lastError, needs } : { state: 'stalled', lastError };
}

function needsOf(error: unknown): Needs | null {
  if (error instanceof BlockedError) return error.needs;
  if (error instanceof UnknownEventError || error instanceof UnknownRecordError) return 'upgrade';
  if (error instanceof KeyUnavailableError) return 'key';
  return error instanceof ForeignLogError ? 'rebuild' : null;
}
