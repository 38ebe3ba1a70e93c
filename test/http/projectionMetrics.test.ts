import { expect } from 'chai';
import { Registry } from 'prom-client';
import { watchProjections, type ProjectionFigures } from '../../src/http/metrics/projectionMetrics.ts';
import type { ViewHealth } from '../../src/availability/viewStatus.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { aJob } from '../support/jobs.ts';

const users: ViewHealth = {
  name: 'users',
  version: 1,
  state: 'catching-up',
  position: 7n,
  lagSeconds: 1.5,
  lagEvents: 12,
  lastError: null,
};

const figures: ProjectionFigures = {
  viewHealth: async () => [users, { ...users, name: 'history', lagEvents: null }],
  parkedCounts: async () => [{ view: 'users', count: 3 }],
  jobs: async () => [
    aJob({ id: 'users-v1-2', projection: 'users', processed: 500, share: 0.25, eventsPerSecond: 90 }),
    aJob({ id: 'verify-v1-1', kind: 'verify', projection: null, state: 'paused' }),
  ],
};

/** The samples of a scrape, without what describes them. */
async function scrape(of: ProjectionFigures): Promise<string[]> {
  const registry = new Registry();
  watchProjections(registry, of);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('The metrics of the views', () => {
  it('show lag, state and parked subjects of each view, and the progress of each running job', async () => {
    expect(await scrape(figures)).to.have.members([
      'padron_projection_lag_seconds{view="users"} 1.5',
      'padron_projection_lag_seconds{view="history"} 1.5',
      'padron_projection_lag_events{view="users"} 12',
      ...['users', 'history'].flatMap((view) => [
        `padron_projection_state{view="${view}",state="live"} 0`,
        `padron_projection_state{view="${view}",state="catching-up"} 1`,
        `padron_projection_state{view="${view}",state="paused"} 0`,
        `padron_projection_state{view="${view}",state="stalled"} 0`,
      ]),
      'padron_projection_parked{view="users"} 3',
      'padron_job_processed_events{job="users-v1-2",kind="rebuild",view="users"} 500',
      'padron_job_share{job="users-v1-2",kind="rebuild",view="users"} 0.25',
      'padron_job_events_per_second{job="users-v1-2",kind="rebuild",view="users"} 90',
    ]);
  });

  it('are read once for all gauges of a scrape', async () => {
    let asked = 0;
    await scrape({ ...figures, viewHealth: async () => [{ ...users, lagEvents: (asked += 1) }] });
    expect(asked).to.equal(1);
  });

  it('query the stores at most once a second, however often they are scraped', async () => {
    const registry = new Registry();
    let [now, asked] = [0, 0];
    const viewHealth = async (): Promise<ViewHealth[]> => [{ ...users, lagEvents: (asked += 1) }];
    watchProjections(registry, { ...figures, viewHealth }, () => now);
    for (now of [0, 1, 999]) await registry.metrics();
    expect(asked).to.equal(1);
    now = 1_000;
    expect(await registry.metrics()).to.contain('padron_projection_lag_events{view="users"} 2');
  });

  it('omit gauges whose store is unreachable, and keep the others', async () => {
    const outOfReach = () => Promise.reject(new ReadModelError('out of reach'));
    const samples = await scrape({ ...figures, parkedCounts: outOfReach, jobs: outOfReach });
    expect(samples.filter((line) => line.includes('_lag_'))).to.have.lengthOf(3);
    expect(samples.filter((line) => /parked|job/.test(line))).to.deep.equal([]);
  });

  it('do not wait for an unresponsive store', async () => {
    const samples = await scrape({ ...figures, viewHealth: () => new Promise(() => undefined) });
    expect(samples).to.deep.include('padron_projection_parked{view="users"} 3');
    expect(samples.join()).to.not.contain('_lag_');
  });

  it('no longer show a job once it has ended', async () => {
    const registry = new Registry();
    let jobs = await figures.jobs();
    let now = 0;
    watchProjections(registry, { ...figures, jobs: async () => jobs }, () => now);
    expect(await registry.metrics()).to.contain('padron_job_share{job="users-v1-2"');
    jobs = [];
    now = 1_000;
    expect(await registry.metrics()).to.not.contain('users-v1-2');
  });
});
