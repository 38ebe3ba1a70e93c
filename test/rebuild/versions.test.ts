import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/platform/clock.ts';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import { waitUntilCaughtUp } from '../../src/projections/following/waitUntilCaughtUp.ts';
import { searchText, searchWords } from '../../src/projections/views/search.ts';
import { VIEWS, type Views } from '../../src/projections/views/allViews.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aUser } from '../support/people.ts';
import { levelViews } from './support/compare.ts';
import { startPadron, type Padron } from './support/process.ts';
import { work } from './support/work.ts';

const A_LIFE = [0, 1, 2, 3, 5, 6, 7, 8, 14, 19, 4, 13, 12, 18, 23, 29, 9];

/** The view of users as a later release has it: found by nothing but the DNI. */
const usersOf = (version: number): Views => ({
  ...VIEWS,
  users: { ...VIEWS.users, version, searchTextOf: ({ dni }) => searchText(`v${version}`, dni) },
});

/** The views of version 2: accents were ignored, letters that Unicode does not decompose were not. */
const VERSION_2: Views = {
  ...VIEWS,
  users: {
    ...VIEWS.users,
    version: 2,
    searchTextOf: ({ nombre }) => nombre.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase(),
  },
};

const OLDER = VIEWS.users.version;
const NEWER = OLDER + 1;

describe('A new version of a view', () => {
  let folder: string;
  let running: Padron[];

  beforeEach(() => {
    folder = newFolder();
    running = [];
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    removeFolder(folder);
  });

  async function start(version: number): Promise<Padron> {
    const padron = await startPadron(folder, { views: usersOf(version) });
    running.push(padron);
    return padron;
  }
  async function stop(padron: Padron): Promise<void> {
    running = running.filter((one) => one !== padron);
    await padron.stop();
  }
  async function page({ readModel, store }: Padron, version: number, q = ''): Promise<ViewDocument[]> {
    const view = readModel.shown({ name: 'users', version });
    await waitUntilCaughtUp(view, await store.head(), systemClock, AbortSignal.timeout(10_000));
    return (await view.page({ after: 0, limit: 1_000, words: searchWords(q) })).documents;
  }
  const searches = async (padron: Padron, version: number): Promise<string[]> =>
    (await page(padron, version)).map(({ search }) => search);

  it('is built automatically at the start of the newer instance, independently of the older version', async () => {
    const older = await start(OLDER);
    await work(older, A_LIFE);
    await levelViews(older);
    const newer = await start(NEWER);
    await work(older, A_LIFE);
    await work(newer, A_LIFE);
    const shown = await searches(newer, NEWER);
    expect(shown).to.have.lengthOf.above(2);
    for (const search of shown) expect(search).to.match(new RegExp(`^v${NEWER}\n`));
    for (const search of await searches(older, OLDER)) expect(search).to.match(new RegExp(`^v${OLDER}\n`));
    const built = (await newer.jobs.list()).find(({ id }) => id.startsWith(`users-v${NEWER}-`));
    expect(built).to.include({ kind: 'rebuild', state: 'done', projection: 'users' });
    // The older one leaves; the newer one goes on, with the views that it stood by for, too.
    await stop(older);
    await work(newer, A_LIFE);
    expect((await searches(newer, NEWER)).length).to.be.greaterThan(shown.length);
  });

  it('finds «Łukasz», registered before the upgrade from version 2, by «lukasz»', async () => {
    const older = await startPadron(folder, { views: VERSION_2 });
    running.push(older);
    const { IdUsuario } = await aUser(older, { nombre: 'Łukasz' });
    expect(await page(older, 2, 'lukasz')).to.deep.equal([]);
    await stop(older);
    const newer = await startPadron(folder);
    running.push(newer);
    for (const q of ['lukasz', 'Łuka']) {
      const found = await page(newer, VIEWS.users.version, q);
      expect(
        found.map(({ id }) => id),
        q,
      ).to.deep.equal([IdUsuario]);
    }
  });

  it('can be downgraded: the older version is kept, and is caught up at its start', async () => {
    const older = await start(OLDER);
    await work(older, A_LIFE);
    await levelViews(older);
    await stop(older);
    const newer = await start(NEWER);
    await work(newer, A_LIFE);
    await searches(newer, NEWER);
    await stop(newer);
    const again = await start(OLDER);
    await searches(again, OLDER);
    expect((await again.jobs.list()).filter(({ id }) => id.startsWith(`users-v${OLDER}-`))).to.have.lengthOf(
      1,
    );
  });

  it('removes versions older than the previous one', async () => {
    for (const version of [1, 2, 3]) {
      const padron = await start(version);
      await work(padron, A_LIFE);
      await searches(padron, version);
      await eventually('the older versions are gone', async () => {
        const versions = await padron.readModel.controls.versions('users');
        return versions.every((one) => one >= version - 1);
      });
      await stop(padron);
    }
    const last = await start(3);
    expect(await last.readModel.controls.versions('users')).to.deep.equal([2, 3]);
    expect(await last.readModel.generations({ name: 'users', version: 1 })).to.deep.equal([]);
  });
});

describe('An event that only a newer padron can read', () => {
  it('pauses the view that meets it, with the reason, and no other; nothing is parked', async () => {
    const folder = newFolder();
    const padron = await startPadron(folder);
    const { IdUsuario } = await aUser(padron);
    await levelViews(padron);
    const id = randomUUID();
    const event = newEvent(id, { type: 'UserRemoved', data: {} }, systemOrigin(id), systemClock.now());
    const newer = { ...event, type: 'UserPromoted' };
    await padron.store.sealing?.createKeys(['user-99']);
    await padron.store.append([{ stream: 'user-99', expected: NO_REVISION, events: [newer] }]);
    const status = (name: string) => padron.kept.find((one) => one.name === name)!.runner.status();
    await eventually('the view pauses', () => status('users').state === 'paused');
    expect(status('users').lastError).to.equal(
      'user-99@0 is a UserPromoted of schema version 1: upgrade this instance',
    );
    expect(await padron.parking.list()).to.deep.equal([]);
    expect(await padron.readModel.shown(VIEWS.users).load([IdUsuario])).to.have.lengthOf(1);
    const head = await padron.store.head();
    await waitUntilCaughtUp(
      padron.readModel.shown(VIEWS.personas),
      head,
      systemClock,
      AbortSignal.timeout(5_000),
    );
    expect(status('personas').state).to.equal('live');
    await padron.stop();
    removeFolder(folder);
  });
});
