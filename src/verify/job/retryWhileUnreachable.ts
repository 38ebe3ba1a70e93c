import type { EventBatch, EventStore, SubscribeOptions } from '../../events/eventStore.ts';
import { everyCall, type RunCall } from '../../platform/everyCall.ts';
import { isUnreachable, type StoreError } from '../../platform/storeError.ts';
import type { Verification } from '../verification.ts';

/** Lets a long read survive outages of its stores. */
export interface RetryPolicy {
  /**
   * Resolves when it is time to retry a read that has failed `failures` times in a row. Rejects if a
   * retry would not help or the work was stopped.
   */
  afterFailure(error: unknown, failures: number): Promise<void>;
}

/**
 * Retries until `signal` aborts. Concurrent reads fail together: they share one `pause`, which rejects
 * to give up.
 */
export function createRetryPolicy(
  signal: AbortSignal,
  pause: (error: StoreError, failures: number) => Promise<void>,
): RetryPolicy {
  let pausing: Promise<void> | null = null;
  return {
    async afterFailure(error, failures) {
      if (!isUnreachable(error) || signal.aborted) throw error;
      pausing ??= pause(error, failures).finally(() => (pausing = null));
      await pausing;
    },
  };
}

/** Calls until it succeeds or the policy gives up. */
export async function retryWhileUnreachable<T>(retryPolicy: RetryPolicy, call: () => Promise<T>): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await call();
    } catch (error) {
      await retryPolicy.afterFailure(error, failures);
    }
  }
}

type Stores = Pick<Verification, 'store' | 'readModel'>;

/**
 * Stores whose calls retry during an outage: all reads, and what repairs views, which may be repeated.
 * Appends are unchanged (docs/adr/0021).
 */
export function retryingStores({ store, readModel }: Stores, retryPolicy: RetryPolicy): Stores {
  const again: RunCall = (call) => retryWhileUnreachable(retryPolicy, call);
  return {
    store: {
      ...store,
      readStream: (stream, options) => again(() => store.readStream(stream, options)),
      readStreams: (starts, options) => again(() => store.readStreams(starts, options)),
      readAll: (after, limit, call) => again(() => store.readAll(after, limit, call)),
      head: () => again(() => store.head()),
      subscribe: (options) => subscribeWithRetries(store, options, retryPolicy),
    },
    readModel: {
      ...readModel,
      shown: (view) => everyCall(readModel.shown(view), again),
      shownRows: (view) => everyCall(readModel.shownRows(view), again),
      open: async (...generation) => everyCall(await again(() => readModel.open(...generation)), again),
      openRows: async (...generation) =>
        everyCall(await again(() => readModel.openRows(...generation)), again),
      controls: { ...readModel.controls, read: (view) => again(() => readModel.controls.read(view)) },
    },
  };
}

type Ports = Stores & Pick<Verification, 'reservations'>;

/** The same for everything that a verification calls. */
export const retryingPorts = ({ reservations, ...stores }: Ports, retryPolicy: RetryPolicy): Ports => ({
  ...retryingStores(stores, retryPolicy),
  reservations: {
    ...reservations,
    lastClaimant: (value) => retryWhileUnreachable(retryPolicy, () => reservations.lastClaimant(value)),
  },
});

/** Continues after the last batch. Stores that reconnect automatically never need this. */
async function* subscribeWithRetries(
  store: Pick<EventStore, 'subscribe'>,
  options: SubscribeOptions,
  retryPolicy: RetryPolicy,
): AsyncGenerator<EventBatch> {
  let failures = 0;
  for (let after = options.after; ;) {
    try {
      for await (const batch of store.subscribe({ ...options, after })) {
        failures = 0;
        yield batch;
        after = batch.position;
      }
      return;
    } catch (error) {
      failures += 1;
      await retryPolicy.afterFailure(error, failures);
    }
  }
}
