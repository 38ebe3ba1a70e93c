import type { Context } from 'koa';
import type { Source } from '../../projections/reading/documents.ts';
import type { StoresAway } from '../../availability/watchedStores.ts';

/**
 * Which stores an answer needs (contract, section 3, "One store away"). `either`: a single document, from the view or folded from its
 * stream; where only one of them can tell, it is 503 without that one. Each route declares its own; this is the one place that decides
 * what follows.
 */
export type Needs = 'nothing' | 'event store' | 'read model' | 'either' | 'both';

/** What a route needs: always the same, or by what the request asks for. */
export type RouteNeeds = Needs | ((ctx: Context) => Needs);

/** Whether a request can be answered now. */
export function isAnswerable(needs: Needs, { eventStore, readModel }: StoresAway): boolean {
  switch (needs) {
    case 'nothing':
      return true;
    case 'event store':
      return !eventStore;
    case 'read model':
      return !readModel;
    case 'both':
      return !eventStore && !readModel;
    case 'either':
      return !eventStore || !readModel;
  }
}

/** Whether the answer may be older than the log: it came from the read model while the event store is away. */
export const isBehind = (needs: Needs, { eventStore }: StoresAway): boolean =>
  eventStore !== null && (needs === 'read model' || needs === 'either');

/** Where the answer to such a request comes from; null where the route itself says so, or asks no store. */
export function sourceOf(needs: Needs): Source | null {
  if (needs === 'read model') return 'view';
  return needs === 'event store' || needs === 'both' ? 'stream' : null;
}
