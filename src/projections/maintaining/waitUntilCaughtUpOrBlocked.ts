import type { Clock } from '../../platform/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import type { MaintainedView } from './viewStatus.ts';
import { waitUntilCaughtUp } from '../following/waitUntilCaughtUp.ts';

export interface CaughtUpOrBlockedOptions {
  view: Pick<MaintainedView, 'projection' | 'runner'>;
  /** Null: an empty log. */
  head: Position | null;
  clock: Pick<Clock, 'wait'>;
  signal: AbortSignal;
}

/**
 * Waits until the view has reached `head`, whichever instance maintains it, or is paused at an
 * event that only a newer padron can read, or whose key is missing: it stays there until an operator
 * acts, which must not hold up other views. Also returns when the signal aborts.
 */
export async function waitUntilCaughtUpOrBlocked({
  view,
  head,
  clock,
  signal,
}: CaughtUpOrBlockedOptions): Promise<void> {
  const paused = new AbortController();
  await waitUntilCaughtUp(view.projection, head, clock, AbortSignal.any([signal, paused.signal]), () => {
    const { needs } = view.runner.status();
    if (needs === 'upgrade' || needs === 'key') paused.abort();
  });
}
