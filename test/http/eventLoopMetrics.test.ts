import { expect } from 'chai';
import { Registry } from 'prom-client';
import { watchWaiting } from '../../src/http/metrics/eventLoopMetrics.ts';
import type { Stall } from '../../src/tracing/eventLoopWatch.ts';

describe('The metrics of waits in the event loop', () => {
  let stall: Stall | null;
  let registry: Registry;
  beforeEach(() => {
    stall = null;
    registry = new Registry();
    const hashQueue = () => ({ running: 2, waiting: 5 });
    watchWaiting(registry, { longestStall: () => stall, hashQueue });
  });

  const scrape = async (): Promise<string[]> =>
    (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('report the longest stall and each piece of work under way during it', async () => {
    stall = { ms: 250, at: '2026-11-26T08:00:00.000Z', during: ['GET /audit', 'command EditUser'] };
    expect(await scrape()).to.include.members([
      'padron_event_loop_longest_stall_seconds 0.25',
      'padron_event_loop_longest_stall_during{work="GET /audit"} 0.25',
      'padron_event_loop_longest_stall_during{work="command EditUser"} 0.25',
    ]);
  });

  it('no longer name the work of a past stall', async () => {
    stall = { ms: 250, at: '2026-11-26T08:00:00.000Z', during: ['GET /audit'] };
    await scrape();
    stall = { ms: 30, at: '2026-11-26T08:01:10.000Z', during: ['GET /users'] };
    const samples = await scrape();
    expect(samples.filter((line) => line.includes('_during'))).to.deep.equal([
      'padron_event_loop_longest_stall_during{work="GET /users"} 0.03',
    ]);
  });

  it('report how many passwords are being hashed and how many wait', async () => {
    expect(await scrape()).to.include.members([
      'padron_password_hashes{state="running"} 2',
      'padron_password_hashes{state="waiting"} 5',
    ]);
  });
});
