import { createDeadline, type OwnDeadline } from '../../src/platform/deadline.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { manualClock } from './manualClock.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from './memoryEventStore.ts';

/** A store that appends at once, but whose reads show only what it had at the last `catchUp`. */
export interface LaggingStore {
  store: EventStore;
  catchUp(): void;
}

export function laggingStore(log: MemoryLog): LaggingStore {
  const shown = memoryLog();
  const catchUp = (): void => {
    shown.events = [...log.events];
  };
  catchUp();
  const { readStream, readAll } = memoryEventStore(shown);
  return { store: { ...memoryEventStore(log), readStream, readAll }, catchUp };
}

/** A clock on which waiting takes no real time, and a deadline by this clock. `onWait` gets the milliseconds waited so far. */
export function quickTime(
  limitMs: number,
  onWait: (waitedMs: number) => void = () => undefined,
): { clock: Clock; deadline: OwnDeadline; waitedMs(): number } {
  const time = manualClock();
  const clock: Clock = {
    now: () => new Date().toISOString(),
    wait: async (ms) => {
      time.advance(ms);
      onWait(time.now());
      await new Promise(setImmediate);
    },
  };
  return { clock, deadline: createDeadline(limitMs, time), waitedMs: () => time.now() };
}
