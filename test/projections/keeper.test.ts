import { expect } from 'chai';
import { aborted } from '../../src/platform/aborted.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import type { ViewRecord, Job } from '../../src/projections/record/viewRecord.ts';
import { buildInThisThread, type BuildGeneration } from '../../src/projections/rebuild/buildGeneration.ts';
import { createJobs, type Jobs } from '../../src/projections/rebuild/jobs.ts';
import { createFirstBuilds } from '../../src/projections/maintaining/firstBuild.ts';
import { maintainView } from '../../src/projections/maintaining/maintainView.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { LogFollower } from '../../src/projections/following/followLog.ts';
import { users } from '../../src/projections/views/users.ts';
import { viewDeclaredAs } from '../../src/projections/views/allViews.ts';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { begun } from '../rebuild/support/work.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { aUser } from '../support/people.ts';
import { TEST_KEY } from '../support/processes.ts';
import { readModelInFolder } from '../support/readModels.ts';
import type { ReadModelUnderTest } from './contract/examples.ts';

describe('The maintainer of a view', () => {
  let tested: ReadModelUnderTest;
  let store: EventStore;
  let timer: ManualClock;
  let jobs: Jobs;
  let keeper: LogFollower | null;
  let reads: number;
  let replaces: number;
  /** Writes into the second generation fail with this. */
  let outOfOrder: string | null;
  let told: Job[];

  beforeEach(async () => {
    tested = await readModelInFolder();
    store = memoryEventStore(memoryLog());
    timer = manualClock();
    keeper = null;
    [reads, replaces, outOfOrder, told] = [0, 0, null, []];
    const { controls } = tested.readModel;
    jobs = createJobs({ controls, views: [users], now: () => systemClock.now() });
    await register();
  });
  afterEach(async () => {
    outOfOrder = null;
    // What it is in the middle of may wait on the test's clock.
    if (keeper) await timer.until(keeper.stop());
    await store.close();
    await tested.close();
  });

  const register = (): Promise<unknown> =>
    aUser({ commands: createCommandSide({ store, key: TEST_KEY, clock: systemClock }) });

  function countingReadModel(): ReadModel {
    const { readModel } = tested;
    const { controls } = readModel;
    return {
      ...readModel,
      controls: {
        ...controls,
        read: (view) => {
          reads += 1;
          return controls.read(view);
        },
        replace: (...change) => {
          replaces += 1;
          return controls.replace(...change);
        },
      },
      async open(view, generation) {
        const opened = await readModel.open(view, generation);
        if (generation === 1) return opened;
        return {
          ...opened,
          async write(batch) {
            if (outOfOrder !== null) throw new ReadModelError(outOfOrder);
            return opened.write(batch);
          },
        };
      },
    };
  }
  function keep(around: (fill: BuildGeneration) => BuildGeneration = (fill) => fill): void {
    const readModel = countingReadModel();
    keeper = maintainView({
      view: viewDeclaredAs(users),
      readModel,
      store,
      clock: systemClock,
      timer,
      firstBuilds: createFirstBuilds({ store, timer }),
      fill: around(buildInThisThread({ readModel, store, clock: systemClock })),
      onChange: () => undefined,
      onJob: (job) => told.push(job),
    });
  }
  const control = async (): Promise<ViewRecord | null> =>
    (await tested.readModel.controls.read(users))?.control ?? null;
  /** Moves time on, pause by pause, until `look` finds what it looks for. */
  const inTime = <T>(what: string, look: () => T | Promise<T>): ReturnType<typeof eventually<T>> =>
    timer.until(eventually(what, look));
  const isLive = (): boolean => keeper?.status().state === 'live';

  it('reads the record once a second while nothing happens, and writes nothing', async () => {
    keep();
    // The runner may take a moment to come to rest; after that no look finds a change.
    let before = { reads, replaces, now: timer.now() };
    const figures = await inTime('a minute without a change has passed', () => {
      const now = { reads, replaces, now: timer.now() };
      if (now.replaces !== before.replaces || !isLive()) before = now;
      return now.now - before.now > 60_000 && { looks: now.reads - before.reads, ms: now.now - before.now };
    });
    // Four looks a second in the first two seconds.
    expect(figures.looks).to.be.at.most(8 + figures.ms / 1_000);
  });

  it('reports the state of the view in its record', async () => {
    keep();
    await inTime('live', async () => (await control())?.report?.state === 'live');
    expect((await control())?.report).to.deep.equal({ state: 'live', lastError: null });
  });

  it('reports in the job why a new generation makes no progress between building and the swap', async () => {
    keep((fill) => async (task) => {
      await fill(task);
      if (task.generation === 1) return;
      outOfOrder = 'database or disk is full';
      await register();
      const shown = tested.readModel.shown(users);
      await eventually('the shown generation has the new user', async () => {
        return (await shown.checkpoint())?.position === (await store.head());
      });
    });
    await inTime('live', isLive);
    const { id } = begun(await jobs.rebuild('users'));
    const job = await inTime('the job says why', async () => {
      const one = await jobs.get(id);
      return one?.error === 'database or disk is full' ? one : null;
    });
    expect(job).to.include({ state: 'running' });
    expect(keeper?.status().state, 'readers are shown the old generation').to.equal('live');
    const later = await inTime('it stands still', async () => {
      const one = await jobs.get(id);
      return one?.eventsPerSecond === 0 && one.error === 'database or disk is full' ? one : null;
    });
    expect(later).to.include({ etaSeconds: null });
    outOfOrder = null;
    await inTime('it is done', async () => (await jobs.get(id))?.state === 'done');
    expect(await jobs.get(id)).to.include({ error: null, share: 1 });
  });

  it('reports in the job that the event store does not answer, even if the work cannot begin', async () => {
    keep();
    await inTime('live', isLive);
    await keeper?.stop();
    const answering = store;
    store = {
      ...answering,
      readStream: async () => {
        throw new EventStoreError('no answer', { outcomeUnknown: false });
      },
    };
    keep();
    const { id } = begun(await jobs.rebuild('users'));
    const job = await inTime('the job says why', async () => {
      const one = await jobs.get(id);
      return one?.error ? one : null;
    });
    expect(job).to.include({ state: 'running', error: 'no answer', processed: 0 });
    await inTime('it was told', () => told.some(({ error }) => error === 'no answer'));
  });

  it('reports once in the job that nothing has moved for some seconds', async () => {
    const gate = deferred();
    keep((fill) => async (task) => {
      // A fill ends when it is to stop, whatever it waits for: otherwise a test that fails here would hang as well.
      if (task.generation === 2) await Promise.race([gate.promise, aborted(task.signal)]);
      await fill(task);
    });
    await inTime('live', isLive);
    const { id } = begun(await jobs.rebuild('users'));
    const job = await inTime('it says so', async () => {
      const one = await jobs.get(id);
      return one?.error ? one : null;
    });
    expect(job).to.include({
      error: 'has not moved for more than 10 s',
      eventsPerSecond: 0,
      etaSeconds: null,
    });
    // What the standstill set off, the view's report among it, may still be written once.
    let before = { replaces, now: timer.now() };
    await inTime('20 s without a write have passed: progress is written when it moves', () => {
      if (replaces !== before.replaces) before = { replaces, now: timer.now() };
      return timer.now() > before.now + 20_000;
    });
    gate.resolve();
    await inTime('it is done', async () => (await jobs.get(id))?.state === 'done');
    expect(await jobs.get(id)).to.include({ error: null });
  });

  it('does not report that nothing moves while this process itself gets no time', async () => {
    const gate = deferred();
    const taken = deferred();
    keep((fill) => async (task) => {
      if (task.generation === 2) {
        taken.resolve();
        await Promise.race([gate.promise, aborted(task.signal)]);
      }
      await fill(task);
    });
    await inTime('live', isLive);
    const { id } = begun(await jobs.rebuild('users'));
    // No further: while a save is under way, time that passes would count.
    await timer.until(taken.promise);
    for (let late = 0; late < 10; late += 1) {
      const before = reads;
      // The job sleeps between two saves: nothing is under way for which the time would count.
      await timer.sleepingFor(250);
      timer.advance(20_000);
      await eventually('it has saved', () => reads > before);
      expect((await jobs.get(id))?.error).to.equal(null);
    }
    gate.resolve();
    await inTime('it is done', async () => (await jobs.get(id))?.state === 'done');
  });

  it('leaves an unfinished job to the next holder without a rate', async () => {
    keep((fill) => async (task) => {
      if (task.generation === 1) await fill(task);
      for (let events = 0; task.generation > 1 && !task.signal.aborted; events += 10) {
        task.onProgress({ events, position: 1n });
        await timer.sleep(100, task.signal);
      }
    });
    await inTime('live', isLive);
    const { id } = begun(await jobs.rebuild('users'));
    await inTime('it moves', async () => ((await jobs.get(id))?.eventsPerSecond ?? 0) > 0);
    await keeper?.stop();
    expect(await jobs.get(id)).to.include({ state: 'running', eventsPerSecond: 0, etaSeconds: null });
  });
});
