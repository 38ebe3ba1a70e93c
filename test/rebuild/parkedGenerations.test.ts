import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { BULK_FOLD_LIMITS } from '../../src/projections/folding/bulkFold.ts';
import { documentProjection } from '../../src/projections/folding/projection.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { NO_SKIPS } from '../../src/events/bookkeeping/skips.ts';
import { eventually } from '../support/eventually.ts';
import { expectViewsEqualFold } from './support/compare.ts';
import { OPERATOR, sceneForEachTest, telefonoOf } from './support/scene.ts';

describe('Parked subjects and skips across rebuilds and rollbacks', () => {
  const scene = sceneForEachTest();

  it('a rollback catches up the parked subjects of the previous generation before the swap', async () => {
    await scene.startWithParked();
    await scene.change('777');
    await scene.shown();
    scene.fault.unbearable.clear();
    expect(await scene.rebuilt()).to.include({ state: 'done' });
    expect((await scene.shown()).revision).to.equal(2);
    expect(await scene.rolledBack()).to.include({ state: 'done' });
    expect(await scene.shown()).to.include({ revision: 2, parked: null });
    await expectViewsEqualFold(scene.padron);
  });

  it('a rollback fails if it would show a subject at an older revision than now', async () => {
    await scene.startWithParked();
    scene.fault.unbearable.clear();
    expect(await scene.rebuilt()).to.include({ state: 'done' });
    await scene.change('777');
    await scene.shown();
    scene.fault.unbearable.add('666');
    const job = await scene.rolledBack();
    expect(job.state).to.equal('failed');
    expect(job.error).to.equal(
      `users cannot apply user-${scene.ana.IdUsuario}@1, which is shown: this generation would show an older revision`,
    );
    expect(await scene.shown()).to.include({ revision: 2, parked: null });
  });

  it('an event at which a rebuild fails can be skipped even if nothing is parked', async () => {
    await scene.start();
    await scene.change('666');
    await scene.change('777');
    await scene.shown();
    // The view was made by a release that could show it.
    scene.fault.unbearable.add('666');
    expect(await scene.rebuilt()).to.include({ state: 'failed' });
    expect(await scene.padron.parking.list()).to.deep.equal([]);
    expect(
      await scene.padron.parking.skip(scene.entryAt(2), OPERATOR),
      'an event that can be applied',
    ).to.equal(null);
    const outcome = await scene.padron.parking.skip(scene.entryAt(1), OPERATOR);
    expect(outcome?.entry).to.include({
      id: scene.entryAt(1),
      type: 'UserEdited',
      reason: 'TypeError',
      attempts: 1,
    });
    expect(outcome?.left).to.equal(null);
    expect(await scene.padron.parking.skip(scene.entryAt(1), OPERATOR), 'the same order again').to.equal(
      null,
    );
    expect(await scene.rebuilt()).to.include({ state: 'done' });
    expect(telefonoOf(await scene.shown())).to.equal('777');
  });

  it('an event that prevents the first generation can be skipped', async () => {
    await scene.start({ keeps: false });
    await scene.change('666');
    scene.fault.unbearable.add('666');
    await scene.restart();
    await eventually('the first build fails', async () =>
      (await scene.padron.jobs.list()).some(({ state }) => state === 'failed'),
    );
    const outcome = await scene.padron.parking.skip(scene.entryAt(1), OPERATOR);
    expect(outcome?.left).to.equal(null);
    expect(await scene.padron.parking.list()).to.deep.equal([]);
    expect(await scene.padron.parking.count('users')).to.equal(0);
    await scene.restart();
    await eventually('it is built again', async () => {
      const control = (await scene.padron.readModel.controls.read(VIEWS.users))?.control;
      if (typeof control?.live === 'number') return true;
      if (control?.jobs[0]?.state === 'failed') await scene.padron.jobs.rebuild('users');
      return false;
    });
    expect(telefonoOf(await scene.shown())).to.equal(scene.ana.telefono);
  });

  it('a rebuild leaves parked subjects of the previous generation parked, and their marks hold back its events', async () => {
    await scene.startWithParked();
    await scene.change('777');
    const live = (await scene.padron.readModel.controls.read(VIEWS.users))?.control.live ?? 0;
    const before = await scene.shown();
    await scene.change('888');
    await scene.shown();
    const viewStore = await scene.padron.readModel.open(VIEWS.users, live);
    await viewStore.repair(await scene.shown(), before);
    const { store } = scene.padron;
    const dependencies = { viewStore, store, clock: systemClock, skips: NO_SKIPS, shown: viewStore };
    const filling = documentProjection(scene.fault.views.users, dependencies).filling(BULK_FOLD_LIMITS);
    const checkpoint = await viewStore.checkpoint();
    await filling.add(await store.readStream(`user-${scene.ana.IdUsuario}`, { from: 2, limit: 10 }));
    expect(await filling.flush(checkpoint, checkpoint!)).to.equal('written');
    const [after] = await viewStore.load([scene.ana.IdUsuario]);
    expect(after).to.deep.equal({ ...before, parked: { ...before.parked, heldUpTo: 3 } });
  });
});
