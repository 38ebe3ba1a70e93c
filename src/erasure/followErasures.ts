import { createKnownErasures, decisionOf, type ListedErasure } from '../events/bookkeeping/erasures.ts';
import type { EventStore, RecordedEvent } from '../events/eventStore.ts';
import { monotonicClock, type MonotonicClock } from '../platform/clock.ts';
import { reasonOf } from '../platform/padronError.ts';

/** How often the list of erasures is read, in milliseconds. */
const POLL_MS = 1_000;
/** How long to wait for the decision of an announced erasure, in milliseconds. */
const MAX_OPEN_MS = 60_000;

export interface FollowErasuresOptions {
  store: Pick<EventStore, 'readStream'>;
  /** Called for each decided erasure that is not proved yet, until it resolves with true. */
  onDecided(erasure: ListedErasure, decision: RecordedEvent): Promise<boolean>;
  /** Called for each erasure that another instance has proved, until it resolves. */
  onProved(erasure: ListedErasure, decision: RecordedEvent): Promise<void>;
  /** Called when an erasure cannot be finished, once for each reason. */
  onError(error: { erasure: string; subject: string; reason: string } | { reason: string }): void;
  timer?: MonotonicClock;
}

/**
 * Follows the list of erasures until the signal aborts, so that this instance drops cached state of
 * people erased elsewhere, and finishes what a crash has interrupted. It reads one short stream every
 * second; a subscription would read the whole log in this thread.
 */
export async function followErasures(options: FollowErasuresOptions, signal: AbortSignal): Promise<void> {
  const { store, onDecided, onProved, onError, timer = monotonicClock } = options;
  const known = createKnownErasures(store);
  const done = new Set<ListedErasure>();
  const openSince = new Map<ListedErasure, number>();
  const reported = new Map<string, string>();
  let isStart = true;

  function report(key: string, error: Parameters<typeof onError>[0]): void {
    if (reported.get(key) !== error.reason) onError(error);
    reported.set(key, error.reason);
  }

  async function look(erasure: ListedErasure): Promise<void> {
    const decision = await decisionOf(store, erasure);
    if (!decision) {
      const since = openSince.get(erasure) ?? timer.now();
      openSince.set(erasure, since);
      if (timer.now() - since > MAX_OPEN_MS) done.add(erasure);
      return;
    }
    if (erasure.isProved) await onProved(erasure, decision);
    if (erasure.isProved || (await onDecided(erasure, decision))) done.add(erasure);
  }

  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      const { listed } = await known.refresh();
      for (const erasure of listed) {
        // This process has cached nothing of erasures that were proved before it started.
        if (isStart && erasure.isProved) done.add(erasure);
        if (done.has(erasure)) continue;
        const { id, subject } = erasure;
        await look(erasure).catch((error: unknown) => {
          report(id, { erasure: id, subject, reason: reasonOf(error) });
        });
        if (isOver()) return;
      }
      isStart = false;
    } catch (error) {
      report('', { reason: reasonOf(error) });
    }
    await timer.sleep(POLL_MS, signal);
  }
}
