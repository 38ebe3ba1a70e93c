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

/** Runs work under one name one at a time: concurrent writers of a stream would only conflict. */
export function keyedQueue(): KeyedQueue {
  /** Each resolves when its work has ended, with the error if the store did not answer. */
  const tails = new Map<string, Promise<EventStoreError | null>>();

  return {
    async run(name, work, deadline) {
      const before = tails.get(name);
      let failure: EventStoreError | null = null;
      let end: (failure: EventStoreError | null) => void = () => undefined;
      const mine = new Promise<EventStoreError | null>((resolve) => (end = resolve));
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
      }
    },
  };
}
