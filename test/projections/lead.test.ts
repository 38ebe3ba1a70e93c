import { expect } from 'chai';
import {
  NO_VIEW_RECORD,
  withRebuild,
  type ViewRecord,
  type Report,
} from '../../src/projections/record/viewRecord.ts';
import type { Lease, Leases } from '../../src/projections/ports/lease.ts';
import { runWhileLeading } from '../../src/projections/maintaining/runWhileLeading.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { LogFollower } from '../../src/projections/following/followLog.ts';
import type { FollowerStatus } from '../../src/projections/record/followerStatus.ts';
import { openSqliteLeases } from '../../src/projections/stores/sqlite/leases.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';

const RUNNING: FollowerStatus = { state: 'live', position: 7n, lastError: null };

describe('Running a projection under a lease', () => {
  let clock: ManualClock;
  let leads: LogFollower[];
  let head: bigint | null;
  let checkpoint: bigint | null;
  let control: ViewRecord | null;
  let running: number;
  let status: FollowerStatus;
  /** What became of leases, in order. */
  let leaderships: (number | null)[];

  beforeEach(() => {
    clock = manualClock();
    leads = [];
    head = null;
    checkpoint = null;
    control = { ...NO_VIEW_RECORD, live: 1, newest: 1 };
    running = 0;
    status = RUNNING;
    leaderships = [];
  });
  afterEach(() => Promise.all(leads.map((one) => one.stop())));

  function start(leases: Leases): LogFollower {
    const one = runWhileLeading({
      name: 'people',
      leases,
      clock,
      run: () => {
        running += 1;
        return {
          status: () => status,
          stop: async () => {
            running -= 1;
          },
        };
      },
      view: {
        checkpoint: async (): Promise<Checkpoint | null> =>
          checkpoint === null ? null : { position: checkpoint, event: null },
      },
      record: async () => control,
      store: { head: async () => head },
      onLead: (fence) => leaderships.push(fence),
    });
    leads.push(one);
    return one;
  }

  /** Leases that are given out one after the other; null waits until the end. */
  function given(...leases: (Lease | Error)[]): Leases {
    return {
      expiryMs: 0,
      acquire: async (_name, { signal }) => {
        const next = leases.shift();
        if (next instanceof Error) throw next;
        if (next) return next;
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            resolve(null);
          });
        });
      },
      close: async () => undefined,
    };
  }

  function lease(): { lease: Lease; lose(): void; released(): boolean } {
    const lost = new AbortController();
    let released = false;
    return {
      lease: {
        fence: 1,
        lost: lost.signal,
        release: async () => {
          released = true;
        },
      },
      lose: () => {
        lost.abort();
      },
      released: () => released,
    };
  }

  /** Lets an instance that stands by look once. */
  async function look(): Promise<void> {
    await clock.sleeping(1);
    clock.advance(1_000);
    await clock.sleeping(1);
  }

  /** Lets time pass, second by second, with what happens in between. */
  async function passTime(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 1_000) {
      await clock.sleeping(1);
      clock.advance(1_000);
      for (let turn = 0; turn < 10; turn += 1) await new Promise(setImmediate);
    }
  }

  it('runs it while the lease is held, stops it when the lease is lost, and competes again', async () => {
    const [first, second] = [lease(), lease()];
    start(given(first.lease, second.lease));
    await eventually('it runs', () => running === 1);
    first.lose();
    await eventually(
      'the old runner is stopped, and a new one runs',
      () => first.released() && running === 1,
    );
  });

  it('releases the lease when it stops', async () => {
    const { lease: held, released } = lease();
    const one = start(given(held));
    await eventually('it runs', () => running === 1);
    expect(one.status()).to.deep.equal(RUNNING);
    await one.stop();
    expect(running).to.equal(0);
    expect(released()).to.equal(true);
  });

  it('takes place on one of two instances, and on the other when that stops', async () => {
    const folder = newFolder();
    const [here, there] = [openSqliteLeases({ folder }), openSqliteLeases({ folder, retryMs: 5 })];
    const first = start(here);
    await eventually('the first runs', () => first.status().position === 7n);
    const second = start(there);
    expect(second.status().position).to.equal(null);
    await first.stop();
    await eventually('the second runs', () => second.status().position === 7n);
    expect(running).to.equal(1);
    await second.stop();
    await here.close();
    await there.close();
    removeFolder(folder);
  });

  it('reports a view that another instance maintains by its checkpoint', async () => {
    const one = start(given());
    head = 10n;
    checkpoint = 4n;
    await look();
    expect(one.status()).to.deep.equal({ state: 'catching-up', position: 4n, lastError: null });
    checkpoint = 10n;
    await look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 10n, lastError: null });
    head = 12n;
    await look();
    expect(one.status().state, 'on the way').to.equal('live');
  });

  for (const report of [
    { state: 'paused', lastError: 'upgrade this instance', needs: 'upgrade' },
    { state: 'stalled', lastError: 'the event store does not answer' },
  ] satisfies Report[]) {
    it(`reports a view as ${report.state}, with the reason, when its maintainer does`, async () => {
      const one = start(given());
      [head, checkpoint] = [10n, 4n];
      control = { ...NO_VIEW_RECORD, live: 1, newest: 1, report };
      await look();
      expect(one.status()).to.deep.equal({ ...report, position: 4n });
    });
  }

  it('reports a first build from its job, even while it makes no progress', async () => {
    const one = start(given());
    head = 10n;
    control = withRebuild(NO_VIEW_RECORD, { name: 'people', version: 1 }, 'now')!;
    for (let looks = 0; looks < 10; looks += 1) await look();
    expect(one.status()).to.deep.equal({ state: 'catching-up', position: null, lastError: null });
    const report: Report = { state: 'paused', lastError: 'upgrade this instance', needs: 'upgrade' };
    control = { ...control, report };
    await look();
    expect(one.status()).to.deep.equal({ ...report, position: null });
  });

  it('reports a view that is behind and does not move as stalled, whatever was reported before', async () => {
    const one = start(given());
    [head, checkpoint] = [10n, 4n];
    control = { ...NO_VIEW_RECORD, live: 1, newest: 1, report: { state: 'live', lastError: null } };
    for (let looks = 0; looks < 7; looks += 1) await look();
    expect(one.status().state).to.equal('stalled');
    checkpoint = 5n;
    await look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 5n, lastError: null });
  });

  it('reports the state in the record while the event store does not answer', async () => {
    const one = runWhileLeading({
      name: 'people',
      leases: given(),
      clock,
      run: () => {
        throw new Error('it is not the holder');
      },
      view: { checkpoint: async () => ({ position: 4n, event: null }) },
      record: async () => ({ ...NO_VIEW_RECORD, live: 1, report: { state: 'live', lastError: null } }),
      store: {
        head: async () => {
          throw new Error('the event store does not answer');
        },
      },
      onLead: () => undefined,
    });
    leads.push(one);
    await look();
    expect(one.status()).to.deep.equal({ state: 'live', position: 4n, lastError: null });
  });

  for (const state of ['stalled', 'paused'] as const) {
    it(`releases the lease when it has been ${state} for some seconds, and competes later than others`, async () => {
      const [first, second] = [lease(), lease()];
      start(given(first.lease, second.lease));
      await eventually('it runs', () => running === 1);
      status = { state, position: 7n, lastError: 'out of order' };
      await passTime(4_000);
      expect(first.released(), 'it may be over in a moment').to.equal(false);
      await passTime(1_000);
      await eventually('it has released the lease', () => first.released());
      expect(running).to.equal(0);
      await passTime(2_000);
      expect(running, 'others have time to take it').to.equal(0);
      await passTime(1_000);
      await eventually('it competes again', () => running === 1);
      expect(leaderships).to.deep.equal([1, null, 1]);
    });
  }

  it('holds the lease longer each time no other instance does better, and as long as the view works', async () => {
    const [first, second, third] = [lease(), lease(), lease()];
    start(given(first.lease, second.lease, third.lease));
    await eventually('it runs', () => running === 1);
    await passTime(60_000);
    expect(first.released(), 'it works').to.equal(false);
    status = { state: 'stalled', position: 7n, lastError: 'out of order' };
    await passTime(9_000);
    await eventually('it runs again', () => running === 1 && first.released());
    await passTime(8_000);
    expect(second.released()).to.equal(false);
    await passTime(6_000);
    await eventually('it runs once more', () => running === 1 && second.released());
    status = RUNNING;
    await passTime(60_000);
    expect(third.released(), 'it works again').to.equal(false);
  });

  it('logs why when the lease store does not answer, and retries', async () => {
    const { lease: held } = lease();
    const one = start(given(new ReadModelError('nobody there'), held));
    await eventually('it says so', () => one.status().lastError === 'nobody there');
    await clock.sleeping(2);
    clock.advance(500);
    await eventually('it runs', () => running === 1);
    expect(one.status()).to.deep.equal(RUNNING);
  });
});
