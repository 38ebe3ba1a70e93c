import { waitUnlessAborted } from '../../platform/aborted.ts';
import type { Clock } from '../../events/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import type { Projection } from '../folding/projection.ts';

const LOOK_AGAIN_MS = 20;

/**
 * Waits until the view has reached `head` (null: an empty log), whichever instance runs its projection, or the signal aborts: a caller
 * with a deadline passes the deadline's signal. Rejects only with what `onLook` throws; it is called after each look that found the view behind.
 */
export async function waitUntilCaughtUp(
  view: Pick<Projection, 'checkpoint'>,
  head: Position | null,
  clock: Pick<Clock, 'wait'>,
  signal: AbortSignal,
  onLook: () => void = () => undefined,
): Promise<void> {
  while (head !== null && !signal.aborted) {
    const checkpoint = await view.checkpoint().catch(() => null);
    if (checkpoint && checkpoint.position >= head) return;
    onLook();
    await waitUnlessAborted(clock, LOOK_AGAIN_MS, signal);
  }
}
