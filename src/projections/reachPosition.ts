import type { Clock } from '../events/clock.ts';

/** How often it is looked whether a view has reached a position, in milliseconds. */
const LOOK_AGAIN_MS = 10;

/** Waits until `hasReached` says yes, `longestWaitMs` at most; answers what it says then. */
export async function reachPosition(
  hasReached: () => Promise<boolean>,
  { clock, longestWaitMs }: { clock: Clock; longestWaitMs: number },
): Promise<boolean> {
  for (let waited = 0; waited < longestWaitMs; waited += LOOK_AGAIN_MS) {
    if (await hasReached()) return true;
    await clock.wait(LOOK_AGAIN_MS);
  }
  return hasReached();
}
