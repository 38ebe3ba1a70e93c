import { PadronError } from '../../platform/padronError.ts';
import { UnknownEventError } from '../../events/domainEvent.ts';
import { UnknownRecordError } from '../record/readableViewRecord.ts';

/**
 * A view met an event that only a newer padron can read; the message names it. For errors from
 * another thread or follower.
 */
export class UpgradeNeededError extends PadronError {}

/**
 * Whether the work can continue after an upgrade of this instance: nothing is wrong with the event
 * or the view.
 */
export const needsUpgrade = (
  error: unknown,
): error is UnknownEventError | UnknownRecordError | UpgradeNeededError =>
  error instanceof UnknownEventError ||
  error instanceof UnknownRecordError ||
  error instanceof UpgradeNeededError;
