import { expect } from 'chai';
import { VIEWS, type Views } from '../../src/projections/views/allViews.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { expectViewsEqualFold, levelViews } from './support/compare.ts';
import { startPadron, type Padron } from './support/process.ts';
import { begun, ended, work } from './support/work.ts';

const A_LIFE = [0, 1, 2, 3, 5, 6, 7, 8, 14, 19, 4, 13, 12, 18, 23, 29, 9];

describe('A rebuild', () => {
  let folder: string;
  let padron: Padron;

  beforeEach(async () => {
    folder = newFolder();
    padron = await startPadron(folder);
  });
  afterEach(async () => {
    await padron.stop();
    removeFolder(folder);
  });

  const liveOf = async (view: keyof Views): Promise<number | null> =>
    (await padron.readModel.controls.read(VIEWS[view]))?.control.live ?? null;

  it('makes a new generation with the contents of the old one, and makes it current', async () => {
    await work(padron, A_LIFE);
    await levelViews(padron);
    for (const view of ['personas', 'users', 'history'] as const) {
      const before = await liveOf(view);
      const job = await ended(padron, begun(await padron.jobs.rebuild(view)));
      expect(job).to.include({ state: 'done', kind: 'rebuild', projection: view, share: 1, error: null });
      expect(job.processed).to.be.greaterThan(0);
      expect(await liveOf(view)).to.equal((before ?? 0) + 1);
    }
    await expectViewsEqualFold(padron);
  });

  it('keeps the previous generation and drops the one before that', async () => {
    await work(padron, A_LIFE);
    await levelViews(padron);
    for (let round = 0; round < 3; round += 1) await ended(padron, begun(await padron.jobs.rebuild('users')));
    const live = (await liveOf('users'))!;
    await padron.stop();
    padron = await startPadron(folder);
    await levelViews(padron);
    await eventually('the others are gone', async () => {
      const [kept, shown, ...others] = await padron.readModel.generations(VIEWS.users);
      return kept === live - 1 && shown === live && others.length === 0;
    });
  });

  it('includes later writes', async () => {
    await work(padron, A_LIFE);
    await levelViews(padron);
    await ended(padron, begun(await padron.jobs.rebuild('users')));
    await work(padron, A_LIFE);
    await expectViewsEqualFold(padron);
  });

  it('is started by the first caller only; the others get busy', async () => {
    await work(padron, A_LIFE);
    await levelViews(padron);
    const other = await startPadron(folder, { keeps: false });
    const begins = await Promise.all([padron, other, padron, other].map(({ jobs }) => jobs.rebuild('users')));
    expect(begins.filter((one) => one === 'busy')).to.have.lengthOf(3);
    await ended(padron, begun(begins.find((one) => typeof one !== 'string')!));
    await other.stop();
  });

  it('is refused for an unknown view', async () => {
    expect(await padron.jobs.rebuild('people')).to.equal('unknown');
    expect(await padron.jobs.pause('users-v3-99')).to.equal('unknown');
    expect(await padron.jobs.pause('nobody-v1-1')).to.equal('unknown');
  });

  it('can be rolled back: the previous generation is caught up first', async () => {
    await work(padron, A_LIFE);
    await levelViews(padron);
    const first = await liveOf('users');
    expect(await padron.jobs.rollback('personas')).to.equal('nothing-kept');
    await ended(padron, begun(await padron.jobs.rebuild('users')));
    await work(padron, A_LIFE);
    const job = await ended(padron, begun(await padron.jobs.rollback('users')));
    expect(job).to.include({ state: 'done', kind: 'rollback' });
    expect(await liveOf('users')).to.equal(first);
    await expectViewsEqualFold(padron);
    await work(padron, A_LIFE);
    await expectViewsEqualFold(padron);
  });
});
