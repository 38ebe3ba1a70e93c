import type { EventStore } from '../../src/events/eventStore.ts';
import type { Deferred } from './deferred.ts';

/** Delivers users up to this id at once, and the others when the gate opens. */
export const gated =
  (gate: Deferred, upTo: number) =>
  (store: EventStore): EventStore => ({
    ...store,
    async append(appends, call) {
      const id = Number(/^user-(\d+)$/.exec(appends.at(-1)?.stream ?? '')?.[1] ?? 0);
      if (id > upTo) await gate.promise;
      return store.append(appends, call);
    },
  });
