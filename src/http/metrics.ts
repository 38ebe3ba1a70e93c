import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** Bounds of the latency histogram, in seconds. */
const LATENCY_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface HttpMetrics {
  registry: Registry;
  /** `route`: the template of the path. Takes seconds. */
  observe(method: string, route: string, status: number, seconds: number): void;
}

/** A registry of its own for each service in the process. */
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

  return {
    registry,
    observe: (method, route, status, seconds) => {
      latency.observe({ method, route, status }, seconds);
    },
  };
}
