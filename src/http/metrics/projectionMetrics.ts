import { Gauge, type Registry } from 'prom-client';
import { monotonicClock } from '../../platform/clock.ts';
import type { Job } from '../../projections/record/viewRecord.ts';
import type { ViewHealth } from '../../availability/viewStatus.ts';

/**
 * How long a scrape waits for the stores, in milliseconds: after 10 s Prometheus gives up the whole
 * scrape.
 */
const MAX_WAIT_MS = 2_000;

/**
 * How long figures are reused, in milliseconds: /metrics is open, and every query loads the stores.
 */
const MAX_AGE_MS = 1_000;

const STATES = ['live', 'catching-up', 'paused', 'stalled'] as const;

/** The sources of the figures; each may reject or be slow. */
export interface ProjectionFigures {
  viewHealth(): Promise<readonly ViewHealth[]>;
  /** Parked subjects of each view. */
  parkedCounts(): Promise<readonly { view: string; count: number }[]>;
  /** The remembered jobs. */
  jobs(): Promise<readonly Job[]>;
}

interface Sample {
  labels: Record<string, string>;
  value: number;
}

/**
 * Gauges of the views and their jobs, read at every scrape. Gauges whose source does not answer are
 * omitted.
 */
export function watchProjections(
  registry: Registry,
  figures: ProjectionFigures,
  now: () => number = monotonicClock.now,
): void {
  const views = shared(figures.viewHealth, now);
  const parked = shared(figures.parkedCounts, now);
  const running = shared(async () => (await figures.jobs()).filter(({ state }) => state === 'running'), now);

  function gauge(
    name: string,
    help: string,
    labelNames: string[],
    samples: () => Promise<readonly Sample[]>,
  ): void {
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        for (const { labels, value } of await samples()) this.set(labels, value);
      },
    });
  }

  const ofViews = (samplesOf: (view: ViewHealth) => Sample[]) => async () =>
    (await views()).flatMap(samplesOf);
  const ofJobs = (value: (job: Job) => number) => async () =>
    (await running()).map((job) => ({
      labels: { job: job.id, kind: job.kind, view: job.projection ?? '' },
      value: value(job),
    }));
  const JOB = ['job', 'kind', 'view'];

  gauge(
    'padron_projection_lag_seconds',
    'Age of the oldest event that the view has not applied; 0 when caught up.',
    ['view'],
    ofViews(({ name, lagSeconds }) => [{ labels: { view: name }, value: lagSeconds }]),
  );
  gauge(
    'padron_projection_lag_events',
    'Events that the view has not applied; absent if the store cannot count them.',
    ['view'],
    ofViews(({ name, lagEvents }) =>
      lagEvents === null ? [] : [{ labels: { view: name }, value: lagEvents }],
    ),
  );
  gauge(
    'padron_projection_state',
    '1 for the state of the view.',
    ['view', 'state'],
    ofViews(({ name, state: present }) =>
      STATES.map((state) => ({ labels: { view: name, state }, value: state === present ? 1 : 0 })),
    ),
  );
  gauge('padron_projection_parked', 'Parked subjects of the view.', ['view'], async () =>
    (await parked()).map(({ view, count }) => ({ labels: { view }, value: count })),
  );
  gauge(
    'padron_job_processed_events',
    'Events that the running job has read.',
    JOB,
    ofJobs((job) => job.processed),
  );
  gauge(
    'padron_job_share',
    'Completed share of the running job, 0 to 1.',
    JOB,
    ofJobs((job) => job.share),
  );
  gauge(
    'padron_job_events_per_second',
    'Reading rate of the running job.',
    JOB,
    ofJobs((job) => job.eventsPerSecond),
  );
}

/**
 * Shares one query among all gauges, at most once a second; empty if it fails or takes too long.
 */
function shared<T>(ask: () => Promise<readonly T[]>, now: () => number): () => Promise<readonly T[]> {
  let asked: Promise<readonly T[]> | null = null;
  let freshUntil = -Infinity;
  return () => {
    if (asked && now() < freshUntil) return asked;
    freshUntil = Infinity;
    asked = withinTime(ask()).finally(() => {
      freshUntil = now() + MAX_AGE_MS;
    });
    return asked;
  };
}

async function withinTime<T>(answer: Promise<readonly T[]>): Promise<readonly T[]> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<readonly T[]>((resolve) => {
    timer = setTimeout(resolve, MAX_WAIT_MS, []);
  });
  try {
    return await Promise.race([answer.catch(() => []), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
