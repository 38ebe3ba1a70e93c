import { decisionOf, type KnownErasures, type ListedErasure } from '../events/bookkeeping/erasures.ts';
import type { CallOptions, EventStore } from '../events/eventStore.ts';

/** The erasures that were decided, in the order of the log. */
export interface DecidedErasures {
  /** Reads on from where the last read ended. Rejects with EventStoreError. */
  list(options?: CallOptions): Promise<ListedErasure[]>;
}

/** Over the list of all erasures in the same store. */
export function createDecidedErasures(
  store: Pick<EventStore, 'readStream'>,
  known: KnownErasures,
): DecidedErasures {
  const decided = new WeakSet<ListedErasure>();
  return {
    async list(options = {}) {
      const { listed } = await known.refresh(options);
      const found: ListedErasure[] = [];
      for (const erasure of listed) {
        const isKnown = erasure.isProved || decided.has(erasure);
        if (!isKnown && !(await decisionOf(store, erasure, options))) continue;
        decided.add(erasure);
        found.push(erasure);
      }
      return found;
    },
  };
}
