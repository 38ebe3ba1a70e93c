import { decisionOf, type KnownErasures, type ListedErasure } from '../events/bookkeeping/erasures.ts';
import type { CallOptions, EventStore } from '../events/eventStore.ts';

/** The decided erasures, in log order. */
export interface DecidedErasures {
  /** Continues where the last read ended. Rejects with EventStoreError. */
  list(options?: CallOptions): Promise<ListedErasure[]>;
}

/** The decided erasures from the list of all erasures of the same store. */
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
