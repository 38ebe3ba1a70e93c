import { expect } from 'chai';
import type { Lease, Leases } from '../../src/projections/lease.ts';
import { lead } from '../../src/projections/lead.ts';
import type { Checkpoint } from '../../src/projections/readModel.ts';
import { ReadModelError } from '../../src/projections/readModel.ts';
import type { Runner, RunnerStatus } from '../../src/projections/runner.ts';
import { openSqliteLeases } from '../../src/projections/stores/sqlite/leases.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';

const RUNNING: RunnerStatus = { state: 'live', position: 7n, lastError: null };

describe('Leading a projection', () => {
  let clock: ManualClock;
  let leads: Runner[];
  let head: bigint | null;
  let checkpoint: bigint | null;
  let running: number;

  beforeEach(() => {
    clock = manualClock();
    leads = [];
    head = null;
    checkpoint = null;
    running = 0;
  });
  afterEach(() => Promise.all(leads.map((one) => one.stop())));

  function start(leases: Leases): Runner {
    const one = lead({
      name: 'people',
      leases,
      clock,
      run: () => {
        running += 1;
        return {
          status: () => RUNNING,
          stop: async () => {
            running -= 1;
          },
        };
      },
      view: {
        checkpoint: async (): Promise<Checkpoint | null> =>
          checkpoint === null ? null : { position: checkpoint, event: null },
      },
      store: { head: async () => head },
      onLead: () => undefined,
    });
    leads.push(one);
    return one;
  }

  /** Leases that are given out one after the other; null waits until the end. */
  function given(...leases: (Lease | Error)[]): Leases {
    return {
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

  it('runs it while the lease is held, stops it when that is lost, and competes again', async () => {
    const [first, second] = [lease(), lease()];
    start(given(first.lease, second.lease));
    await eventually('it runs', () => running === 1);
    first.lose();
    await eventually(
      'the old runner is stopped, and a new one runs',
      () => first.released() && running === 1,
    );
  });

  it('gives the lease back when it stops', async () => {
    const { lease: held, released } = lease();
    const one = start(given(held));
    await eventually('it runs', () => running === 1);
    expect(one.status()).to.deep.equal(RUNNING);
    await one.stop();
    expect(running).to.equal(0);
    expect(released()).to.equal(true);
  });

  it('runs on one of two instances, and on the other when that stops', async () => {
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

  it('tells of a view that another instance moves by its checkpoint', async () => {
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

  it('calls a view stalled that is behind and that nobody moves, until somebody does', async () => {
    const one = start(given());
    head = 10n;
    checkpoint = 4n;
    for (let looks = 0; looks < 6; looks += 1) await look();
    expect(one.status().state).to.equal('stalled');
    checkpoint = 5n;
    await look();
    expect(one.status()).to.deep.equal({ state: 'catching-up', position: 5n, lastError: null });
  });

  it('says why when the leases do not answer, and tries again', async () => {
    const { lease: held } = lease();
    const one = start(given(new ReadModelError('nobody there'), held));
    await eventually('it says so', () => one.status().lastError === 'nobody there');
    await clock.sleeping(2);
    clock.advance(500);
    await eventually('it runs', () => running === 1);
    expect(one.status()).to.deep.equal(RUNNING);
  });
});
