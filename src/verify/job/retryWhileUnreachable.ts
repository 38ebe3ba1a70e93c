import type { Reservations } from '../../commands/claims/reservations.ts';
import type { EventBatch, EventStore, SubscribeOptions } from '../../events/eventStore.ts';
import type { RowReader } from '../../projections/ports/rows.ts';
import type { ViewReader } from '../../projections/ports/documents.ts';
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
  const again = <T>(call: () => Promise<T>): Promise<T> => retryWhileUnreachable(retryPolicy, call);
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
      shown: (view) => retryingView(readModel.shown(view), again),
      shownRows: (view) => retryingRows(readModel.shownRows(view), again),
    },
    reservations: retryingReservations(reservations, again),
  };
}

type Again = <T>(call: () => Promise<T>) => Promise<T>;

const retryingView = (view: ViewReader, again: Again): ViewReader => ({
  checkpoint: () => again(() => view.checkpoint()),
  load: (ids) => again(() => view.load(ids)),
  lookUp: (name, value) => again(() => view.lookUp(name, value)),
  page: (query) => again(() => view.page(query)),
  unfindable: (documents) => again(() => view.unfindable(documents)),
  scan: (stretch) => again(() => view.scan(stretch)),
  ids: (stretch) => again(() => view.ids(stretch)),
  parked: (stretch) => again(() => view.parked(stretch)),
  countParked: () => again(() => view.countParked()),
});

const retryingRows = (rows: RowReader, again: Again): RowReader => ({
  checkpoint: () => again(() => rows.checkpoint()),
  find: (query) => again(() => rows.find(query)),
  scan: (stretch) => again(() => rows.scan(stretch)),
  misplaced: (some) => again(() => rows.misplaced(some)),
  countEntries: (upTo) => again(() => rows.countEntries(upTo)),
});

const retryingReservations = (reservations: Reservations, again: Again): Reservations => ({
  ...reservations,
  lastClaimant: (value) => again(() => reservations.lastClaimant(value)),
});

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
