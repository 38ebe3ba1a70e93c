import { PadronError } from '../../platform/padronError.ts';
import { UnknownEventError } from '../../events/domainEvent.ts';
import { UnknownRecordError } from '../record/readableViewRecord.ts';

/** A thread or follower met an event that only a newer padron can read; the message names it. */
export class UpgradeNeededError extends PadronError {}

/** Whether the work can continue after an upgrade of this instance: event and view are right. */
export const needsUpgrade = (
  error: unknown,
): error is UnknownEventError | UnknownRecordError | UpgradeNeededError =>
  error instanceof UnknownEventError ||
  error instanceof UnknownRecordError ||
  error instanceof UpgradeNeededError;
