import type { Deadline } from '../../platform/deadline.ts';
import { expectTimeLeft } from '../../events/eventStore.ts';
import type { EventStoreError } from '../../events/eventErrors.ts';
import { isStoreAway } from '../loading/waits.ts';

export interface KeyedQueue {
  /**
   * Runs `work` after everything queued before it under the same name. Other names do not wait.
   * Rejects with EventStoreError, without running it, if the deadline has passed by then or the
   * store did not answer the work before it.
   */
  run<T>(name: string, work: () => Promise<T>, deadline: Deadline): Promise<T>;
}

/** The last work under a name. */
interface Tail {
  /** Resolves when it has ended, with the error if the store did not answer; null once it has. */
  ended: Promise<EventStoreError | null> | null;
}

/** Runs work under one name one at a time: concurrent writers of a stream would only conflict. */
export function keyedQueue(): KeyedQueue {
  const tails = new Map<string, Tail>();

  return {
    async run(name, work, deadline) {
      const before = tails.get(name)?.ended;
      let failure: EventStoreError | null = null;
      let end: (failure: EventStoreError | null) => void = () => undefined;
      const mine: Tail = { ended: new Promise((resolve) => (end = resolve)) };
      tails.set(name, mine);
      try {
        if (before) failure = await before;
        if (failure) throw failure;
        expectTimeLeft({ deadline });
        return await work();
      } catch (error) {
        // Queued work would fail in the same way; work queued later asks the store again.
        if (!failure && isStoreAway(error, deadline)) failure = error;
        throw error;
      } finally {
        if (tails.get(name) === mine) tails.delete(name);
        end(failure);
        // An earlier copy of the map's table may hold `mine` for long (see InFlight).
        mine.ended = null;
      }
    },
  };
}
