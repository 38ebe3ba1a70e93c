import type { EventBatch, EventStore, SubscribeOptions } from '../../events/eventStore.ts';
import { everyCall, type RunCall } from '../../platform/everyCall.ts';
import type { Verification } from '../verification.ts';

/** Lets a long read survive outages of its stores. */
export interface RetryPolicy {
  /**
   * Resolves when it is time to retry. Rejects with `error` if a retry would not help or the work
   * was stopped.
   */
  afterFailure(error: unknown): Promise<void>;
  afterSuccess(): void;
}

/** Calls until it succeeds or the policy gives up. */
export async function retryWhileUnreachable<T>(retryPolicy: RetryPolicy, call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      const answer = await call();
      retryPolicy.afterSuccess();
      return answer;
    } catch (error) {
      await retryPolicy.afterFailure(error);
    }
  }
}

type Ports = Pick<Verification, 'store' | 'readModel' | 'reservations'>;

/** Ports whose reads retry during an outage. Writes are unchanged. */
export function retryingPorts({ store, readModel, reservations }: Ports, retryPolicy: RetryPolicy): Ports {
  const again: RunCall = (call) => retryWhileUnreachable(retryPolicy, call);
  return {
    store: {
      ...store,
      readStream: (stream, options) => again(() => store.readStream(stream, options)),
      readAll: (after, limit, call) => again(() => store.readAll(after, limit, call)),
      head: () => again(() => store.head()),
      subscribe: (options) => subscribeWithRetries(store, options, retryPolicy),
    },
    readModel: {
      ...readModel,
      shown: (view) => everyCall(readModel.shown(view), again),
      shownRows: (view) => everyCall(readModel.shownRows(view), again),
    },
    reservations: {
      ...reservations,
      lastClaimant: (value) => again(() => reservations.lastClaimant(value)),
    },
  };
}

/** Continues after the last batch. Stores that reconnect automatically never need this. */
async function* subscribeWithRetries(
  store: Pick<EventStore, 'subscribe'>,
  options: SubscribeOptions,
  retryPolicy: RetryPolicy,
): AsyncGenerator<EventBatch> {
  for (let after = options.after; ;) {
    try {
      for await (const batch of store.subscribe({ ...options, after })) {
        retryPolicy.afterSuccess();
        yield batch;
        after = batch.position;
      }
      return;
    } catch (error) {
      await retryPolicy.afterFailure(error);
    }
  }
}
