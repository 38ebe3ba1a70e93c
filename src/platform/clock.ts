import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../events/clock.ts';

let lastMs = 0;
let lastText = '';

/** The machine's own time. */
export const systemClock: Clock = {
  now() {
    // Many events share a millisecond, and formatting costs more than reading the time.
    const ms = Date.now();
    if (ms !== lastMs) {
      lastMs = ms;
      lastText = new Date(ms).toISOString();
    }
    return lastText;
  },
  wait: (ms) => wait(ms),
};
