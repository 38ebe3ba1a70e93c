import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from './events/clock.ts';

/** The machine's own time. */
export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  wait: (ms) => wait(ms),
};
