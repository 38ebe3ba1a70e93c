import { monotonicClock } from '../../../../platform/monotonicClock.ts';
import type { EventMark } from '../../../eventStore.ts';

/** How often the server is asked while the log is in doubt, in milliseconds. */
const LOOK_MS = 500;

/** Whether the server still has the log that this process knows. A lost connection leaves that open: a backup may have been restored. */
export interface LogIdentity {
  /** Records an event that the server acknowledged or showed. */
  saw(mark: EventMark): void;
  /** The connection was lost: the log is looked at again before anything else is believed, and as soon as the server answers. */
  doubt(): void;
  /** Resolves when there is no doubt, or none any more. Reports a replaced log first. Rejects as `holds` does. */
  confirm(): Promise<void>;
}

export function logIdentity({
  holds,
  onReplaced,
  signal,
}: {
  /** Whether the log has this event. Rejects with EventStoreError while the server does not answer. */
  holds(mark: EventMark): Promise<boolean>;
  onReplaced(): void;
  /** Ends the looking. */
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

  async function confirm(): Promise<void> {
    if (!isDoubted && looking === null) return;
    looking ??= look().finally(() => {
      looking = null;
    });
    await looking;
  }

  const isStillDoubted = (): boolean => isDoubted && !signal.aborted;

  /** Without any call, too, a replaced log must not be served for long. */
  async function watch(): Promise<void> {
    if (isWatching) return;
    isWatching = true;
    do {
      await monotonicClock.sleep(LOOK_MS, signal);
      await confirm().catch(() => undefined);
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
