import { expect } from 'chai';
import { join } from 'node:path';
import { systemClock } from '../../src/platform/clock.ts';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { commitSignal, type CommitNews } from '../../src/events/stores/sqlite/commitNews.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { createJobs, type Jobs } from '../../src/projections/rebuild/jobs.ts';
import type { MaintainedViews } from '../../src/projections/maintaining/maintainViews.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { keepVerifying, type VerifyWorker } from '../../src/verify/job/keepVerifying.ts';
import { verifyInThread } from '../../src/embedded/verifyThread.ts';
import { projectedViews, VIEWS } from '../../src/projections/views/allViews.ts';
import { maintainViewsInThread } from '../../src/embedded/viewsThread.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aPersona } from '../support/people.ts';
import { TEST_KEY } from '../support/processes.ts';

describe('A verification in its own thread', function () {
  this.timeout(60_000);
  let folder: string;
  let commits: CommitNews;
  let store: EventStore;
  let readModel: ReadModel;
  let kept: MaintainedViews;
  let worker: VerifyWorker | null;
  let jobs: Jobs;
  let storeReads: number;
  let errors: string[];

  beforeEach(() => {
    folder = newFolder();
    commits = commitSignal();
    store = openSqliteEventStore({ file: join(folder, 'events.db'), announce: commits });
    readModel = openSqliteReadModel({ folder: join(folder, 'views') });
    kept = maintainViewsInThread({ ...files(), commits })({
      views: projectedViews(),
      readModel,
      store,
      clock: systemClock,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    });
    jobs = createJobs({ controls: readModel.controls, views: [], now: () => systemClock.now() });
    worker = null;
    storeReads = 0;
    errors = [];
  });
  afterEach(async () => {
    await worker?.stop();
    await kept.stop();
    await readModel.close();
    await store.close();
    removeFolder(folder);
  });

  const files = () => ({ eventsFile: join(folder, 'events.db'), viewsFolder: join(folder, 'views') });

  function startWorker(run = verifyInThread(files(), TEST_KEY)): void {
    const counted: EventStore = {
      ...store,
      readStream(stream, options) {
        storeReads += 1;
        return store.readStream(stream, options);
      },
    };
    worker = keepVerifying({
      store: counted,
      readModel,
      reservations: createCommandSide({ store: counted, key: TEST_KEY, clock: systemClock }).reservations,
      documentViews: [VIEWS.personas, VIEWS.users],
      rowViews: [VIEWS.history],
      clock: systemClock,
      run,
      onJob: () => undefined,
      onError: ({ message }) => errors.push(message),
    });
  }

  const finished = (id: string): Promise<object> =>
    eventually(
      'the job ends',
      async () => {
        const job = await jobs.get(id);
        return job?.state === 'done' ? job : null;
      },
      30_000,
    );

  it('finds the differences without reading anything in the thread that answers requests', async () => {
    await aPersona({ commands: createCommandSide({ store, key: TEST_KEY, clock: systemClock }) });
    startWorker();
    const job = await jobs.verify();
    expect(await finished((job as { id: string }).id)).to.include({
      state: 'done',
      share: 1,
      differenceCount: 0,
    });
    expect(storeReads).to.equal(0);
  });

  it('is run again when its thread ends unexpectedly', async () => {
    let runs = 0;
    const run = verifyInThread(files(), TEST_KEY);
    startWorker(async (job, stop) => {
      runs += 1;
      if (runs === 1) return verifyInThread({ ...files(), eventsFile: folder }, TEST_KEY)(job, stop);
      return run(job, stop);
    });
    const job = await jobs.verify();
    await finished((job as { id: string }).id);
    expect(runs).to.be.at.least(2);
    expect(errors[0]).to.match(/^the verification's thread ended: /);
  });
});
