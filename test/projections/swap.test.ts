import { expect } from 'chai';
import {
  NO_VIEW_RECORD,
  unfinished,
  withChange,
  withRebuild,
  type ViewRecord,
  type ViewRecords,
  type Job,
} from '../../src/projections/record/viewRecord.ts';
import type { Projection, ProjectedView } from '../../src/projections/folding/projection.ts';
import type { Checkpoint } from '../../src/projections/record/viewDeclaration.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { FollowerStatus } from '../../src/projections/record/followerStatus.ts';
import { swapTo, type Followed, type LiveFollowed } from '../../src/projections/rebuild/swap.ts';
import { failureOf } from '../events/contract/steps.ts';
import { eventually } from '../support/eventually.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { immediateClock } from '../support/processes.ts';

const [OLD, NEW] = [1, 2];
const USERS = { name: 'users', version: 1 };
const RUNNING: FollowerStatus = { state: 'live', position: null, lastError: null };

describe('The swap of two generations', () => {
  let control: ViewRecord;
  let stamp: number;
  let job: Job;
  let positions: Record<number, bigint>;
  let status: FollowerStatus;
  let leaving: AbortController;
  let live: LiveFollowed;
  /** The state of the current generation that the change of the record was guarded by. */
  let guard: Parameters<ViewRecords['replace']>[3];
  /** What happened, in order. */
  let steps: string[];
  /** Runs when the step of this name happens, before it. */
  let at: Partial<Record<string, () => void>>;

  beforeEach(() => {
    control = withRebuild({ ...NO_VIEW_RECORD, live: OLD, newest: OLD }, USERS, 'now')!;
    job = unfinished(control)!;
    stamp = 1;
    positions = { [OLD]: 10n, [NEW]: 10n };
    status = RUNNING;
    leaving = new AbortController();
    live = { current: followed(OLD) };
    [guard, steps, at] = [undefined, [], {}];
  });
  afterEach(() => {
    leaving.abort();
  });

  function step(name: string): void {
    at[name]?.();
    steps.push(name);
  }
  const checkpointOf = (generation: number): Checkpoint => ({
    position: positions[generation] ?? 0n,
    event: null,
  });
  const change = (next: ViewRecord): void => {
    control = next;
    stamp += 1;
  };

  const view = {
    ...USERS,
    shown: () => ({ checkpoint: async () => checkpointOf(control.live ?? OLD) }),
    open: async (generation: number) => ({
      checkpoint: async () => {
        const checkpoint = checkpointOf(generation);
        step(`checkpoint of ${generation}`);
        return checkpoint;
      },
    }),
  } as unknown as ProjectedView;
  const readModel = {
    controls: {
      read: async () => {
        const stored = { stamp, control };
        step('read');
        return stored;
      },
      replace: async (...[, from, to, standing]: Parameters<ViewRecords['replace']>) => {
        step('replace');
        guard = standing;
        if (from?.stamp !== stamp) return false;
        if (standing && positions[standing.generation] !== standing.checkpoint?.position) return false;
        change(to);
        return true;
      },
    },
  } as unknown as ReadModel;

  const followed = (generation: number): Followed => ({
    generation,
    projection: {
      checkpoint: async () => checkpointOf(generation),
      async settle(isAnyShown: boolean) {
        await new Promise(setImmediate);
        step(isAnyShown ? 'settle' : 'settle the first');
      },
    } as unknown as Projection,
    runner: {
      status: () => status,
      stop: async () => {
        await new Promise(setImmediate);
        step(`stop ${generation}`);
      },
    },
  });
  const swap = (): Promise<boolean> =>
    swapTo({
      next: followed(NEW),
      live,
      job,
      view,
      readModel,
      store: { ...memoryEventStore(memoryLog()), reaches: async () => true },
      // Waits end after a turn of the event loop, so that a test can look in between.
      clock: { ...immediateClock, wait: () => new Promise(setImmediate) },
      signal: leaving.signal,
    });
  /** Starts the swap; `ended` holds how it ended. */
  function start(): { ended: boolean | null; result: Promise<boolean> } {
    const one: ReturnType<typeof start> = { ended: null, result: swap() };
    one.result.then(
      (shown) => void (one.ended = shown),
      () => undefined,
    );
    return one;
  }
  async function turns(count = 50): Promise<void> {
    for (let i = 0; i < count; i += 1) await new Promise(setImmediate);
  }

  it('makes the new one current, keeps the old one, and ends the job', async () => {
    expect(await swap()).to.equal(true);
    expect(control).to.include({ live: NEW, kept: OLD });
    expect(live.current).to.include({ generation: NEW });
    expect(control.jobs[0]).to.include({ state: 'done', share: 1 });
    expect(steps).to.include('stop 1').and.not.include('stop 2');
  });

  it('lets the old one run until the new one has almost caught up', async () => {
    positions[NEW] = 9n;
    const one = start();
    await turns();
    expect(steps).to.deep.equal([]);
    expect(live.current).to.include({ generation: OLD });
    positions[NEW] = 10n;
    expect(await one.result).to.equal(true);
  });

  it('stops the old one, prepares the new one, and guards the change with what the old one had', async () => {
    expect(await swap()).to.equal(true);
    expect(steps).to.deep.equal(['stop 1', 'read', 'checkpoint of 1', 'settle', 'replace']);
    expect(guard).to.deep.equal({ generation: OLD, checkpoint: checkpointOf(OLD) });
  });

  it('makes the first one current, next to which there is none to read or to report on', async () => {
    control = { ...control, live: null };
    live.current = null;
    at['replace'] = () => {
      expect(live.current).to.equal(null);
    };
    expect(await swap()).to.equal(true);
    expect(control).to.include({ live: NEW, kept: null });
    expect(steps).to.deep.equal(['read', 'settle the first', 'replace']);
    expect(guard).to.equal(undefined);
  });

  it('waits until the new one reaches the last event that the old one applied', async () => {
    at['stop 1'] = () => (positions[OLD] = 12n);
    const one = start();
    await eventually('the old one is stopped', () => steps.includes('stop 1'));
    await turns();
    expect(control.live).to.equal(OLD);
    expect(steps).not.to.include('replace');
    expect(live.current, 'a stopped follower does not tell the state').to.include({ generation: NEW });
    positions[NEW] = 12n;
    expect(await one.result).to.equal(true);
    expect(control.live).to.equal(NEW);
  });

  for (const moment of ['checkpoint of 1', 'replace'] as const) {
    it(`does not go backwards if another holder advances the current one at «${moment}»`, async () => {
      at[moment] = () => {
        positions[OLD] = 11n;
        at = {};
      };
      const one = start();
      await eventually('it has looked again', () => steps.filter((name) => name === 'read').length === 2);
      await turns();
      expect(control.live, 'the new one is behind').to.equal(OLD);
      positions[NEW] = 11n;
      expect(await one.result).to.equal(true);
      expect(control.live).to.equal(NEW);
    });
  }

  it('is retried when another process changes the record meanwhile', async () => {
    at['replace'] = () => {
      change({ ...control });
      at = {};
    };
    expect(await swap()).to.equal(true);
    expect(control.live).to.equal(NEW);
  });

  it('is called off if the job is paused meanwhile; both are stopped', async () => {
    at['replace'] = () => {
      change(withChange(control, job.id, { state: 'paused' })!);
      at = {};
    };
    expect(await swap()).to.equal(false);
    expect(control).to.include({ live: OLD });
    expect(control.jobs[0]).to.include({ state: 'paused' });
    expect(steps).to.include('stop 1').and.include('stop 2');
    expect(live.current).to.equal(null);
  });

  for (const moment of ['stop 1', 'read', 'checkpoint of 1', 'settle'] as const) {
    it(`is called off if the lease is lost at «${moment}»; both are stopped`, async () => {
      at[moment] = leaving.abort.bind(leaving);
      expect(await swap()).to.equal(false);
      expect(steps).not.to.include('replace');
      expect(control.live).to.equal(OLD);
      expect(steps).to.include('stop 1').and.include('stop 2');
    });
  }

  it('fails with the reason if the new one cannot catch up; both are stopped', async () => {
    positions[NEW] = 9n;
    status = { state: 'paused', position: 9n, lastError: 'the log is another one', needs: 'rebuild' };
    const error = await failureOf(swap());
    expect(error).to.include({ name: 'PadronError', message: 'the log is another one' });
    expect(steps).to.include('stop 1').and.include('stop 2');
  });

  for (const needs of ['upgrade', 'key'] as const) {
    it(`says that it waits for the ${needs} if the new one does, so that the job goes on afterwards`, async () => {
      positions[NEW] = 9n;
      status = { state: 'paused', position: 9n, lastError: 'why', needs };
      const error = await failureOf(swap());
      expect(error).to.include({ name: 'BlockedError', message: 'why', needs });
    });
  }
});
