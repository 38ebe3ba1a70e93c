import type { Clock } from '../../events/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import type { MaintainedView } from '../maintaining/viewStatus.ts';
import { waitUntilCaughtUp } from './waitUntilCaughtUp.ts';

export interface CaughtUpOrBlockedOptions {
  view: Pick<MaintainedView, 'projection' | 'runner'>;
  /** Null: an empty log. */
  head: Position | null;
  clock: Pick<Clock, 'wait'>;
  signal: AbortSignal;
}

/**
 * Waits until the view has reached `head`, or is paused at an event that only a newer padron knows, whichever instance runs its projection: there
 * it stays until an upgrade, and nothing else is to wait for it (contract, section 3). Returns when the signal aborts, too.
 */
export async function waitUntilCaughtUpOrBlocked({
  view,
  head,
  clock,
  signal,
}: CaughtUpOrBlockedOptions): Promise<void> {
  const paused = new AbortController();
  await waitUntilCaughtUp(view.projection, head, clock, AbortSignal.any([signal, paused.signal]), () => {
    if (view.runner.status().needs === 'upgrade') paused.abort();
  });
}
