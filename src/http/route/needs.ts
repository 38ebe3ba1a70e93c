import type { Context } from 'koa';
import type { Source } from '../../projections/reading/documents.ts';
import type { StoresAway } from '../../availability/watchedStores.ts';

/**
 * The stores that an answer needs. `either`: a single document, from the view or folded from its
 * stream; if only one of them can tell, it is 503 without that one. Each route declares its own;
 * this is the only place that decides the consequences.
 */
export type Needs = 'nothing' | 'event store' | 'read model' | 'either' | 'both';

/** A route's needs: fixed, or depending on the request. */
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

/**
 * Whether the answer may be older than the log: it came from the read model while the event store
 * is away.
 */
export const isBehind = (needs: Needs, { eventStore }: StoresAway): boolean =>
  eventStore !== null && (needs === 'read model' || needs === 'either');

/** The source of such an answer; null if the route reports it itself, or uses no store. */
export function sourceOf(needs: Needs): Source | null {
  if (needs === 'read model') return 'view';
  return needs === 'event store' || needs === 'both' ? 'stream' : null;
}
