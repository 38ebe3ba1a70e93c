import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Source } from '../../projections/reading/documents.ts';
import { STORE_NAMES, type StoresAway } from '../../availability/watchedStores.ts';
import type { RefusalNote } from '../access/refusalNote.ts';

/** Bounds of the latency histogram, in seconds. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface HttpMetrics {
  registry: Registry;
  /** `route`: the path template. Takes seconds. */
  observe(method: string, route: string, status: number, seconds: number): void;
  /**
   * Counts a request by the source of its answer; `refused`: a store that it needs did not answer.
   */
  answered(from: Source | 'refused'): void;
  /** Counts a refused caller: 401, 403 or 429. */
  refused(note: Pick<RefusalNote, 'code' | 'reason'>): void;
}

/** A registry per service, because a process may have several. */
export function createMetrics(): HttpMetrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const latency = new Histogram({
    name: 'padron_http_request_seconds',
    help: 'Time to answer a request.',
    labelNames: ['method', 'route', 'status'],
    buckets: LATENCY_BUCKETS,
    registers: [registry],
  });

  const refused = new Counter({
    name: 'padron_refused_callers_total',
    help: 'Requests refused because of their caller: tokens, roles, rules and limits.',
    labelNames: ['code', 'reason'],
    registers: [registry],
  });

  const answered = new Counter({
    name: 'padron_answers_total',
    help: 'Requests answered from the views or the event streams, or refused because a store was away.',
    labelNames: ['from'],
    registers: [registry],
  });
  for (const from of ['view', 'stream', 'refused']) answered.inc({ from }, 0);

  return {
    registry,
    answered: (from) => {
      answered.inc({ from });
    },
    refused: ({ code, reason }) => {
      refused.inc({ code, reason });
    },
    observe: (method, route, status, seconds) => {
      latency.observe({ method, route, status }, seconds);
    },
  };
}

/** Gauges of whether each store answers, and since when not. */
export function watchStoresAway(registry: Registry, away: () => StoresAway): void {
  const stores = ['eventStore', 'readModel'] as const;
  new Gauge({
    name: 'padron_store_up',
    help: '1 while the store answers, 0 while it is away.',
    labelNames: ['store'],
    registers: [registry],
    collect() {
      for (const one of stores) this.set({ store: STORE_NAMES[one] }, away()[one] ? 0 : 1);
    },
  });
  new Gauge({
    name: 'padron_store_away_since_seconds',
    help: 'When the store stopped answering, in seconds since 1970; absent while it answers.',
    labelNames: ['store'],
    registers: [registry],
    collect() {
      this.reset();
      for (const one of stores) {
        const since = away()[one]?.since;
        if (since !== undefined) this.set({ store: STORE_NAMES[one] }, Date.parse(since) / 1_000);
      }
    },
  });
}

/**
 * Counts what the server refuses before there is a request: requests that its parser rejects, and
 * connections beyond the limits.
 */
export function watchServer(registry: Registry, refusals: ReadonlyMap<string, number>): void {
  new Counter({
    name: 'padron_unparsed_requests_total',
    help: 'Requests that the HTTP parser refused, and connections beyond the limits.',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of refusals) this.inc({ reason }, count);
    },
  });
}
