import { PadronError, reasonOf } from '../../platform/padronError.ts';
import { isUnreachable } from '../../platform/storeError.ts';
import { needsUpgrade, UpgradeNeededError } from '../../projections/folding/upgradeNeeded.ts';
import { ReadModelError } from '../../projections/record/readModelError.ts';

/** An error as a thread sends it. */
export interface ThreadFailure {
  message: string;
  /** A store is unreachable, the instance needs an upgrade, or the work cannot succeed. */
  kind: 'out of reach' | 'upgrade' | 'fault';
}

/** The error that a thread reported. */
export function errorOf({ message, kind }: ThreadFailure): Error {
  switch (kind) {
    case 'out of reach':
      return new ReadModelError(message);
    case 'upgrade':
      return new UpgradeNeededError(message);
    case 'fault':
      return new PadronError(message);
  }
}

/** An error as a thread reports it. */
export const failureOf = (error: unknown): ThreadFailure => ({
  message: reasonOf(error),
  kind: isUnreachable(error) ? 'out of reach' : needsUpgrade(error) ? 'upgrade' : 'fault',
});
