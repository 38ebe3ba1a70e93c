import { waitUnlessAborted } from '../../platform/aborted.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Position } from '../../events/eventStore.ts';
import { hasReached } from '../record/viewDeclaration.ts';
import type { Consumer } from '../ports/consumer.ts';

const POLL_MS = 20;

/**
 * Waits until the view has reached `head` (null: an empty log), whichever instance maintains it, or
 * the signal aborts. Callers with a deadline pass its signal. `isPointless` is asked after each check
 * that found the view behind: whether to stop waiting. Rejects only with what it throws.
 */
export async function waitUntilCaughtUp(
  view: Pick<Consumer, 'checkpoint'>,
  head: Position | null,
  clock: Pick<Clock, 'wait'>,
  signal: AbortSignal,
  isPointless: () => boolean = () => false,
): Promise<void> {
  while (head !== null && !signal.aborted) {
    const checkpoint = await view.checkpoint().catch(() => null);
    if (hasReached(checkpoint?.position ?? null, head)) return;
    if (isPointless()) return;
    await waitUnlessAborted(clock, POLL_MS, signal);
  }
}
