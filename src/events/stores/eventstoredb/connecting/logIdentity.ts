import { monotonicClock } from '../../../../platform/clock.ts';
import type { EventMark } from '../../../eventStore.ts';

/** How often the server is asked while the log is in doubt, in milliseconds. */
const POLL_MS = 500;

/**
 * Whether the server still has the log that this process knows. After a lost connection it may not:
 * a backup may have been restored.
 */
export interface LogIdentity {
  /** Records an event that the server acknowledged or returned. */
  saw(mark: EventMark): void;
  /**
   * Call when the connection was lost: the log is checked before anything else is trusted, and as
   * soon as the server answers.
   */
  doubt(): void;
  /**
   * Resolves once the log is not in doubt; reports a replaced log first. Rejects as `holds` does. Null if it is
   * not in doubt now, as before almost every call.
   */
  confirm(): Promise<void> | null;
}

export function logIdentity({
  holds,
  onReplaced,
  signal,
}: {
  /** Whether the log has this event. Rejects with EventStoreError while the server does not answer. */
  holds(mark: EventMark): Promise<boolean>;
  onReplaced(): void;
  /** Stops the checks. */
  signal: AbortSignal;
}): LogIdentity {
  let newest: EventMark | null = null;
  let isDoubted = false;
  let looking: Promise<void> | null = null;
  let isWatching = false;

  async function look(): Promise<void> {
    while (isDoubted) {
      isDoubted = false;
      const mark = newest;
      try {
        if (mark === null || (await holds(mark))) continue;
      } catch (error) {
        isDoubted = true;
        throw error;
      }
      newest = null;
      onReplaced();
    }
  }

  function confirm(): Promise<void> | null {
    if (!isDoubted && looking === null) return null;
    looking ??= look().finally(() => {
      looking = null;
    });
    return looking;
  }

  const isStillDoubted = (): boolean => isDoubted && !signal.aborted;

  /** Checks even without calls, so that a replaced log is not served for long. */
  async function watch(): Promise<void> {
    if (isWatching) return;
    isWatching = true;
    do {
      await monotonicClock.sleep(POLL_MS, signal);
      await confirm()?.catch(() => undefined);
    } while (isStillDoubted());
    isWatching = false;
  }

  return {
    saw(mark) {
      if (newest === null || newest.position < mark.position) newest = mark;
    },
    doubt() {
      isDoubted = true;
      void watch();
    },
    confirm,
  };
}
