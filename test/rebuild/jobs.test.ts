import { expect } from 'chai';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { expectViewsEqualFold, levelViews } from './support/compare.ts';
import { gatedFill, type GatedFill } from './support/gatedFill.ts';
import { startPadron, type Padron } from './support/process.ts';
import { begun, ended, work } from './support/work.ts';

const A_LIFE = [0, 1, 2, 3, 5, 6, 7, 8, 14, 19, 4, 13, 12, 18, 23, 29, 9];

describe('A job', () => {
  let folder: string;
  let padron: Padron;
  let gate: GatedFill;

  beforeEach(async () => {
    folder = newFolder();
    gate = gatedFill();
    padron = await startPadron(folder, { fill: gate.fill });
    await work(padron, A_LIFE);
    await levelViews(padron);
  });
  afterEach(async () => {
    gate.open();
    await padron.stop();
    removeFolder(folder);
  });

  const live = async (): Promise<number | null> =>
    (await padron.readModel.controls.read(VIEWS.users))?.control.live ?? null;

  it('that is paused stops where it is, and continues when it is resumed', async () => {
    gate.close();
    const { id } = begun(await padron.jobs.rebuild('users'));
    expect(await padron.jobs.pause(id)).to.include({ id, state: 'paused', eventsPerSecond: 0 });
    expect(await padron.jobs.pause(id)).to.include({ state: 'paused' });
    gate.open();
    const before = await live();
    await work(padron, A_LIFE);
    await expectViewsEqualFold(padron);
    expect(await padron.jobs.get(id)).to.include({ state: 'paused' });
    expect(await live()).to.equal(before);
    expect(await padron.jobs.rebuild('users')).to.equal('busy');
    const resumed = begun(await padron.jobs.resume(id));
    expect(resumed.state).to.equal('running');
    expect(await ended(padron, resumed)).to.include({ state: 'done' });
    await expectViewsEqualFold(padron);
  });

  it('that is cancelled ends at once, leaves the current generation and removes its own', async () => {
    gate.close();
    const before = await live();
    const job = begun(await padron.jobs.rebuild('users'));
    expect(await padron.jobs.cancel(job.id)).to.include({ state: 'cancelled' });
    expect((await padron.jobs.get(job.id))?.endedAt).to.be.a('string');
    expect(await padron.jobs.cancel(job.id)).to.equal('ended');
    expect(await padron.jobs.resume(job.id)).to.equal('ended');
    await eventually('the generation is dropped', async () =>
      (await padron.readModel.generations(VIEWS.users)).every((generation) => generation !== job.generation),
    );
    expect(await live()).to.equal(before);
    gate.open();
    expect(await ended(padron, begun(await padron.jobs.rebuild('users')))).to.include({ state: 'done' });
    expect(await live()).to.be.greaterThan(job.generation!);
    await expectViewsEqualFold(padron);
  });

  it('that is cancelled while it is paused has its generation removed', async () => {
    let sweeps = 0;
    let listed: ReadModel['generations'] = async () => [];
    await padron.stop();
    padron = await startPadron(folder, {
      fill: gate.fill,
      aroundReadModel(readModel) {
        listed = (view) => readModel.generations(view);
        const generations: typeof listed = async (view) => {
          if (view.name === 'users') sweeps += 1;
          return listed(view);
        };
        return { ...readModel, generations };
      },
    });
    await levelViews(padron);
    gate.close();
    const { id, generation } = begun(await padron.jobs.rebuild('users'));
    const isThere = async (): Promise<boolean> => (await listed(VIEWS.users)).includes(generation!);
    await eventually('the generation is being built', isThere);
    const before = sweeps;
    await padron.jobs.pause(id);
    await eventually('its worker has left it', () => sweeps > before);
    expect(await isThere()).to.equal(true);
    await padron.jobs.cancel(id);
    await eventually('the generation is dropped', async () => !(await isThere()));
  });

  it('continues in the next process when this one stops', async () => {
    gate.close();
    const job = begun(await padron.jobs.rebuild('users'));
    await padron.stop();
    padron = await startPadron(folder);
    expect(await ended(padron, job)).to.include({ state: 'done' });
    await expectViewsEqualFold(padron);
  });

  it('reports its progress', async () => {
    gate.close();
    const job = begun(await padron.jobs.rebuild('users'));
    expect(job).to.include({ state: 'running', share: 0, processed: 0, endedAt: null, error: null });
    gate.open();
    const last = await ended(padron, job);
    expect(last).to.include({ share: 1, eventsPerSecond: 0, etaSeconds: null });
    const ofUsers = (await padron.store.readAll(null, 1_000)).filter(({ stream }) =>
      stream.startsWith('user-'),
    );
    expect(last.processed).to.equal(ofUsers.length);
    expect((await padron.jobs.list()).map(({ id }) => id)).to.include(job.id);
  });
});
