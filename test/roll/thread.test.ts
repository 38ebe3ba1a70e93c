import { expect } from 'chai';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { getPriority } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '../../src/events/eventStore.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { DEFAULT_CSV } from '../../src/presentation/csv.ts';
import { catchUpViews } from '../../src/cli/jobs/catchUp.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews } from '../../src/projections/views/allViews.ts';
import { NO_FILTERS } from '../../src/roll/filters.ts';
import { createRollReaders } from '../../src/roll/reading/rollReaders.ts';
import { createRollThread, type RollThread } from '../../src/embedded/roll/rollThread.ts';
import { digestBy, rollWorkHere, type DoRollWork, type RollWork } from '../../src/roll/wholeRoll/rollWork.ts';
import { sealedStore } from '../../src/sealing/opening/sealedStore.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { keyPlaceIn } from '../support/madeUpKeys.ts';
import { writeMadeUpLog } from '../support/madeUpLog.ts';

const PEOPLE = 600;
const EVENTS = 3_000;
/** In the middle of the log: of most people some events are before it, and some after it. */
const MIDDLE = Date.parse('2024-01-01T00:00:00Z') + (EVENTS / 2) * 1_000;

describe('Work on whole rolls in its own thread', function () {
  this.timeout(120_000);
  let folder: string;
  let store: EventStore;
  let readModel: ReadModel;
  let here: DoRollWork;
  let thread: RollThread;
  let upTo: bigint;

  before(async () => {
    folder = newFolder();
    const eventsFile = join(folder, 'events.db');
    const viewsFolder = join(folder, 'views');
    const keys = keyPlaceIn(folder);
    await writeMadeUpLog(eventsFile, { events: EVENTS, people: PEOPLE, kinds: ['user'], sealedIn: folder });
    store = sealedStore(openSqliteEventStore({ file: eventsFile }), keys);
    readModel = openSqliteReadModel({ folder: viewsFolder });
    await catchUpViews({
      views: projectedViews().filter(({ name }) => name === 'users'),
      readModel,
      store,
      clock: systemClock,
      logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
      signal: new AbortController().signal,
    });
    here = rollWorkHere(createRollReaders({ readModel, store, clock: systemClock, maxWaitMs: 0 }));
    thread = createRollThread({ eventsFile, viewsFolder, keys });
    upTo = (await store.head()) ?? 0n;
  });
  after(async () => {
    await thread.stop();
    await readModel.close();
    await store.close();
    removeFolder(folder);
  });

  const kind = 'users';
  const horizonAt = (at: number): { at: number; upTo: bigint } => ({ at, upTo });
  const people = (isProof: boolean): RollWork => ({
    kind,
    what: 'people',
    horizon: horizonAt(MIDDLE),
    after: 0,
    filters: NO_FILTERS,
    day: '2024-01-01',
    isProof,
    format: DEFAULT_CSV,
  });
  const textOf = async (doWork: DoRollWork, work: RollWork): Promise<string> => {
    let text = '';
    for await (const piece of doWork(work)) text += Buffer.from(piece).toString();
    return text;
  };

  it('gives the files, summaries and digests that this thread gives', async () => {
    const horizons = [horizonAt(MIDDLE - 500_000), horizonAt(MIDDLE)];
    const works: RollWork[] = [
      people(false),
      { ...people(false), format: null } as RollWork,
      { kind, what: 'changes', horizons, after: 0, format: DEFAULT_CSV },
      { kind, what: 'summary', horizons },
      { kind, what: 'digest', erasedHashes: {}, horizon: horizonAt(MIDDLE) },
    ];
    for (const work of works) {
      expect(await textOf(thread.doWork, work), work.what).to.equal(await textOf(here, work));
    }
    expect((await textOf(thread.doWork, people(false))).split('\r\n')).to.have.length(PEOPLE + 2);
  });

  it('gives a proof from the events what documents give otherwise', async () => {
    expect(await textOf(thread.doWork, people(true))).to.equal(await textOf(thread.doWork, people(false)));
  });

  it('gives a piece for each batch, also where there is nothing to say, so that it can be left', async () => {
    const noChanges: RollWork = {
      kind,
      what: 'changes',
      horizons: [horizonAt(MIDDLE), horizonAt(MIDDLE)],
      after: 0,
      format: null,
    };
    const nobody = { ...people(false), filters: { ...NO_FILTERS, q: 'nobody' }, format: null } as RollWork;
    for (const work of [noChanges, nobody]) {
      let pieces = 0;
      for await (const piece of thread.doWork(work)) {
        expect(piece).to.have.length(0);
        pieces += 1;
      }
      // Of 50 people each, and one after the last full batch.
      expect(pieces, work.what).to.equal(PEOPLE / 50 + 1);
    }
  });

  it('does several works at the same time, and leaves one that is not wanted any more', async () => {
    const left = thread.doWork(people(false));
    await left.next();
    const [one, other] = await Promise.all([
      textOf(thread.doWork, people(false)),
      textOf(thread.doWork, { ...people(false), format: null } as RollWork),
      left.return(),
    ]);
    expect(one).to.contain('IdUsuario,').and.to.not.equal(other);
  });

  it('rejects at the deadline of a digest', async () => {
    const over = createDeadline(60_000);
    over.cancel();
    const failure = await digestBy(
      thread.doWork,
      { kind, horizon: horizonAt(MIDDLE), erasedHashes: {} },
      over,
    ).catch((error: unknown) => error);
    expect(String(failure)).to.contain('not folded in time');
  });

  it('ends with its thread, and starts another for the next work', async () => {
    const cut = thread.doWork(people(false));
    await cut.next();
    await thread.stop();
    const failure = await (async () => {
      for (;;) if ((await cut.next()).done === true) return 'it came to its end';
    })().catch((error: unknown) => error);
    expect(String(failure)).to.contain('the thread of rolls ended');
    expect(await textOf(thread.doWork, people(false))).to.contain('IdUsuario,');
  });

  it('leaves a busy processor to requests: its thread alone has a lower priority', async function () {
    if (process.platform !== 'linux') this.skip();
    const own = getPriority();
    const work = thread.doWork(people(false));
    await work.next();
    expect(Math.max(...niceOfThreads())).to.equal(Math.min(19, own + 10));
    expect(getPriority()).to.equal(own);
    await work.return();
  });

  it('rejects where the view is missing', async () => {
    const empty = createRollThread({
      eventsFile: join(folder, 'events.db'),
      viewsFolder: join(folder, 'gone'),
      keys: keyPlaceIn(folder),
    });
    const failure = await textOf(empty.doWork, people(false)).catch((error: unknown) => error);
    await empty.stop();
    rmSync(join(folder, 'gone'), { recursive: true, force: true });
    expect(failure).to.be.instanceOf(Error);
  });
});

/** The nice values of this process's threads. */
function niceOfThreads(): number[] {
  return readdirSync('/proc/self/task').map((id) => {
    const fields = readFileSync(`/proc/self/task/${id}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return Number(fields[16]);
  });
}
