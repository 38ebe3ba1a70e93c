import { setImmediate as nextTick } from 'node:timers/promises';

/** How long work may hold the thread, in milliseconds: a request must not wait for more than 20. */
const SLICE_MS = 5;

/**
 * Cuts long work into slices: await the returned function before each short step. When the present
 * slice is used up, it lets other work of the event loop run.
 */
export function createSlices(sliceMs = SLICE_MS): () => Promise<void> {
  let began = performance.now();
  let turn: Promise<void> | null = null;
  return async () => {
    if (turn === null && performance.now() - began < sliceMs) return;
    // Concurrent steps share the pause.
    turn ??= nextTick().then(() => {
      began = performance.now();
      turn = null;
    });
    await turn;
  };
}
