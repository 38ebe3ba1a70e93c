import { expect } from 'chai';
import { createServiceHealth } from '../../src/availability/serviceHealth.ts';
import { NOTHING_AWAY } from '../../src/availability/watchedStores.ts';

const never = (): Promise<never> => new Promise(() => undefined);

describe('The health of a service whose stores do not answer', () => {
  it('is the last known one, within 100 ms', async () => {
    const health = createServiceHealth({
      views: [
        {
          name: 'users',
          version: 1,
          projection: { checkpoint: never },
          runner: { status: () => ({ state: 'live', position: 9n, lastError: null }) },
        },
      ],
      store: { readAll: never, countAfter: never } as never,
      controls: {} as never,
      parking: {} as never,
      away: () => NOTHING_AWAY,
      now: () => '2026-01-01T00:00:00.000Z',
    });
    const times: number[] = [];
    for (let asked = 0; asked < 5; asked += 1) {
      const start = performance.now();
      const { views } = await health.known();
      times.push(performance.now() - start);
      expect(views[0]).to.include({ name: 'users', state: 'live', position: 9n, lagSeconds: 0 });
    }
    // The quickest: a busy machine may be late now and then.
    expect(Math.min(...times)).to.be.below(100);
  });
});
