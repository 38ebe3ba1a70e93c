import { expect } from 'chai';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock, type MonotonicClock as Clock } from '../../src/platform/clock.ts';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { commitSignal, type CommitNews } from '../../src/events/stores/sqlite/commitNews.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import type { MaintainedViews } from '../../src/projections/maintaining/maintainViews.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews, VIEWS } from '../../src/projections/views/allViews.ts';
import { maintainViewsInThread } from '../../src/embedded/viewsThread.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aPersona } from '../support/people.ts';
import { TEST_KEY } from '../support/processes.ts';

describe('Views that a thread maintains', function () {
  this.timeout(30_000);
  let folder: string;
  let viewsFolder: string;
  let commits: CommitNews;
  let store: EventStore;
  let readModel: ReadModel | null;
  let kept: MaintainedViews | null;
  let logged: [level: string, text: string][];

  beforeEach(() => {
    folder = newFolder();
    viewsFolder = join(folder, 'views');
    commits = commitSignal();
    store = openSqliteEventStore({ file: join(folder, 'events.db'), announce: commits });
    readModel = null;
    kept = null;
    logged = [];
  });
  afterEach(async () => {
    await kept?.stop();
    await readModel?.close();
    await store.close();
    removeFolder(folder);
  });

  /** `readers`: the folder that this thread reads, where it is not the one the thread is told to write. */
  function keep(readers = viewsFolder, timer?: Clock): MaintainedViews {
    const log = (level: string) => (_: object, text: string) => void logged.push([level, text]);
    readModel = openSqliteReadModel({ folder: readers });
    return maintainViewsInThread({ eventsFile: join(folder, 'events.db'), viewsFolder, commits })({
      views: projectedViews(),
      readModel,
      store,
      clock: systemClock,
      ...(timer && { timer }),
      logger: { info: log('info'), warn: log('warn'), error: log('error') },
    });
  }

  const states = (): string[] => (kept?.views ?? []).map(({ runner }) => runner.status().state);
  const register = (): Promise<{ id: number }> =>
    aPersona({ commands: createCommandSide({ store, key: TEST_KEY, clock: systemClock }) });

  it('show writes of this process, report their state, and log which process maintains them', async () => {
    kept = keep();
    const person = await register();
    const shown = readModel?.shown(VIEWS.personas);
    await eventually('the person in the view', async () => {
      const [document] = (await shown?.load([person.id]).catch(() => [])) ?? [];
      return document;
    });
    await eventually('all live', () => states().every((state) => state === 'live'));
    expect(logged).to.deep.include(['info', 'maintains the projection']);
  });

  it('wait longer for the next thread each time one ends at its start', async () => {
    writeFileSync(viewsFolder, 'a file where the folder should be');
    const pauses: number[] = [];
    kept = keep(join(folder, 'elsewhere'), {
      now: () => 0,
      async sleep(ms) {
        pauses.push(ms);
        await new Promise(setImmediate);
      },
    });
    await eventually('three threads have died', () => pauses.length >= 3);
    expect(pauses[0]).to.be.within(500, 1_000);
    expect(pauses[1]).to.be.within(1_000, 2_000);
    expect(pauses[2]).to.be.within(2_000, 4_000);
  });

  it('are left to the next holder when the thread is stopped', async () => {
    kept = keep();
    await register();
    await eventually('all live', () => states().every((state) => state === 'live'));
    await kept.stop();
    await readModel?.close();
    kept = keep();
    const { id } = await register();
    const shown = readModel?.shown(VIEWS.personas);
    await eventually('the person in the view', async () => (await shown?.load([id]))?.[0]);
  });

  it('are stalled when it ends, and live again when the next one works', async () => {
    writeFileSync(viewsFolder, 'a file where the folder should be');
    kept = keep(join(folder, 'elsewhere'));
    await eventually(
      'all stalled',
      () => states().length > 0 && states().every((state) => state === 'stalled'),
    );
    expect(kept.views[0]?.runner.status().lastError).to.match(/^the projection thread ended: /);
    expect(logged).to.deep.equal([['error', 'projection thread stopped; restarting']]);

    rmSync(viewsFolder);
    mkdirSync(viewsFolder);
    await register();
    await eventually('all live', () => states().every((state) => state === 'live'));
    expect(kept.views[0]?.runner.status().lastError).to.equal(null);
  });
});
