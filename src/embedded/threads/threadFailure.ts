import { PadronError, reasonOf } from '../../platform/padronError.ts';
import { isUnreachable } from '../../platform/storeError.ts';
import { BlockedError, reportOf } from '../../projections/following/whyPaused.ts';
import { isBlocked, type Blocker } from '../../projections/record/followerStatus.ts';
import { ReadModelError } from '../../projections/record/readModelError.ts';

/** An error as a thread sends it. */
export interface ThreadFailure {
  message: string;
  /** What the work waits for, or: a store is unreachable, or the work cannot succeed. */
  kind: Blocker | 'out of reach' | 'fault';
}

/** The error that a thread reported. */
export function errorOf({ message, kind }: ThreadFailure): Error {
  switch (kind) {
    case 'out of reach':
      return new ReadModelError(message);
    case 'upgrade':
    case 'key':
      return new BlockedError(message, kind);
    case 'fault':
      return new PadronError(message);
  }
}

/** An error as a thread reports it. */
export function failureOf(error: unknown): ThreadFailure {
  const report = reportOf(error);
  const message = reasonOf(error);
  if (isBlocked(report)) return { message, kind: report.needs };
  return { message, kind: isUnreachable(error) ? 'out of reach' : 'fault' };
}
