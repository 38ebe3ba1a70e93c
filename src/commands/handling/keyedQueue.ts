import type { Deadline } from '../../platform/deadline.ts';
import { expectTimeLeft } from '../../events/eventStore.ts';
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
  const tails = new Map<string, Promise<unknown>>();

  return {
    async run(name, work, deadline) {
      const start = async () => {
        expectTimeLeft({ deadline });
        try {
          return await work();
        } catch (error) {
          // Queued work would fail in the same way; work queued later asks the store again.
          if (isStoreAway(error, deadline)) tails.delete(name);
          throw isStoreAway(error, deadline) ? new StoreAway(error) : error;
        }
      };
      const before = tails.get(name);
      const mine = before
        ? before.then(start, (error: unknown) => {
            if (error instanceof StoreAway) throw error;
            return start();
          })
        : start();
      tails.set(name, mine);
      try {
        return await mine;
      } catch (error) {
        throw error instanceof StoreAway ? error.error : error;
      } finally {
        if (tails.get(name) === mine) tails.delete(name);
      }
    },
  };
}

/** Passes a store failure on to the queued work. */
class StoreAway extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super('the store does not answer');
    this.error = error;
  }
}
