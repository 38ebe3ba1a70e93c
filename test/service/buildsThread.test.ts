import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildInThread, buildTogetherInThread } from '../../src/embedded/buildsThread.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { openEventStoreDb } from '../../src/events/stores/eventstoredb/openEventStoreDb.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { BuildGeneration } from '../../src/projections/rebuild/buildGeneration.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews } from '../../src/projections/views/allViews.ts';
import { EventStoreDbServer } from '../support/eventStoreDbServer.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { testProcess } from '../support/processes.ts';

describe('generations built together in a thread', function () {
  this.timeout(60_000);
  let server: EventStoreDbServer;
  let store: EventStore;
  let folder: string;
  let readModel: ReadModel;
  let build: BuildGeneration;

  before(async () => {
    server = await EventStoreDbServer.start();
  });
  after(() => server.close());
  beforeEach(async () => {
    await server.reset();
    folder = newFolder();
    store = await openEventStoreDb({ url: server.url });
    readModel = openSqliteReadModel({ folder });
    build = buildIn(server.url);
    // A job begins the generation that it has built.
    await checkpoints();
    const people = testProcess(store);
    for (let n = 0; n < 5; n += 1) await people.register({ dni: `D${n}`, cuenta: `c${n}` });
  });
  afterEach(async () => {
    await readModel.close();
    await store.close();
    removeFolder(folder);
  });

  const buildIn = (eventStoreUrl: string): BuildGeneration =>
    buildTogetherInThread({ eventsFile: '', viewsFolder: folder, eventStoreUrl, mongoUrl: null });
  const buildAll = (signal: AbortSignal): Promise<void>[] =>
    projectedViews().map((view) => build({ view, generation: 1, signal, onProgress: () => undefined }));
  const checkpoints = (): Promise<(bigint | undefined)[]> =>
    Promise.all(
      projectedViews().map(async (view) => {
        const projection = await view.open(1, { readModel, store, clock: systemClock });
        return (await projection.checkpoint())?.position;
      }),
    );

  it('reach the end of the log, which is not read once for each', async () => {
    const before = (await server.report()).calls['subscribe'] ?? 0;
    await Promise.all(buildAll(new AbortController().signal));
    expect(((await server.report()).calls['subscribe'] ?? 0) - before).to.be.below(3);
    const head = await store.head();
    const reached = await checkpoints();
    expect(reached).to.have.length(3);
    for (const position of reached) expect(Number(position)).to.be.at.least(Number(head));
  });

  it('can be built again after all have ended', async () => {
    await Promise.all(buildAll(new AbortController().signal));
    await Promise.all(buildAll(new AbortController().signal));
    expect((await checkpoints()).every((position) => position !== undefined)).to.equal(true);
  });

  it('end early when the signal aborts', async () => {
    await Promise.all(buildAll(AbortSignal.abort()));
    expect(await checkpoints()).to.deep.equal([undefined, undefined, undefined]);
  });

  it('reject where the stores cannot be opened', async () => {
    build = buildIn('esdb://');
    for (const outcome of await Promise.allSettled(buildAll(new AbortController().signal))) {
      expect(outcome.status).to.equal('rejected');
    }
  });
});

describe('a generation of embedded stores that is built in a thread', function () {
  this.timeout(60_000);
  let store: EventStore;
  let folder: string;
  let readModel: ReadModel;

  beforeEach(async () => {
    folder = newFolder();
    store = openSqliteEventStore({ file: join(folder, 'events.db') });
    readModel = openSqliteReadModel({ folder });
    const people = testProcess(store);
    for (let n = 0; n < 5; n += 1) await people.register({ dni: `D${n}`, cuenta: `c${n}` });
    // A job begins the generation that it has built.
    for (const view of projectedViews()) await view.open(1, { readModel, store, clock: systemClock });
  });
  afterEach(async () => {
    await readModel.close();
    await store.close();
    removeFolder(folder);
  });

  async function build(eventsFile: string): Promise<(bigint | undefined)[]> {
    const buildOne = buildInThread({ eventsFile, viewsFolder: folder });
    const { signal } = new AbortController();
    const task = { generation: 1, signal, onProgress: () => undefined };
    await Promise.all(projectedViews().map((view) => buildOne({ ...task, view })));
    return Promise.all(
      projectedViews().map(async (view) => {
        const projection = await view.open(1, { readModel, store, clock: systemClock });
        return (await projection.checkpoint())?.position;
      }),
    );
  }

  it('reaches the end of the log', async () => {
    const head = await store.head();
    const reached = await build(join(folder, 'events.db'));
    expect(reached).to.deep.equal([head, head, head]);
  });

  it('can be built again later if a store cannot be opened', async () => {
    const away = join(folder, 'no', 'such', 'folder', 'events.db');
    await writeFile(join(folder, 'no'), '');
    const failure = await build(away).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(ReadModelError);
  });
});
