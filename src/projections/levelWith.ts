import type { Clock } from '../events/clock.ts';
import type { Position } from '../events/eventStore.ts';
import type { Projection } from './projection.ts';

const LOOK_AGAIN_MS = 20;

/** Settles once the view has reached `head` (null: an empty log), whoever runs its projection, or when the signal aborts. */
export async function levelWith(
  view: Pick<Projection, 'checkpoint'>,
  head: Position | null,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  while (head !== null && !signal.aborted) {
    const checkpoint = await view.checkpoint().catch(() => null);
    if (checkpoint && checkpoint.position >= head) return;
    await clock.wait(LOOK_AGAIN_MS);
  }
}
