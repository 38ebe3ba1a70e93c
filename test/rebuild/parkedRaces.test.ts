import { expect } from 'chai';
import type { EventStore } from '../../src/events/eventStore.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { createParkedSubjects } from '../../src/projections/parking/createParkedSubjects.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { DocumentView } from '../../src/projections/ports/view.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { eventually } from '../support/eventually.ts';
import { expectViewsEqualFold } from './support/compare.ts';
import { gatedFill } from './support/gatedFill.ts';
import { begun, ended } from './support/work.ts';
import { OPERATOR, sceneForEachTest, telefonoOf } from './support/scene.ts';

describe('Races between parked subjects, generations, processes and retries', () => {
  const scene = sceneForEachTest();

  it('a retry that dies after its write leaves no unmarked document that lacks an event', async () => {
    await scene.startWithParked();
    scene.fault.unbearable.clear();
    let writes = 0;
    const dying: ReadModel = {
      ...scene.padron.readModel,
      async open(view, generation) {
        const viewStore = await scene.padron.readModel.open(view, generation);
        return {
          ...viewStore,
          async put(documents) {
            writes += 1;
            if (writes > 1) return new Promise<never>(() => undefined);
            // Between the read and the write of the retry, the projection meets one more event and holds it back.
            await scene.change('777');
            await scene.shown();
            await viewStore.put(documents);
          },
        };
      },
    };
    const { store } = scene.padron;
    const parking = createParkedSubjects({
      views: [scene.fault.views.users],
      readModel: dying,
      store,
      clock: systemClock,
    });
    void parking.retry(scene.entryAt(1));
    await eventually('it is about to write again', async () => writes > 1);
    await scene.restart();
    expect((await scene.shown()).parked).to.include({ revision: 1, heldUpTo: 2 });
    expect((await scene.padron.parking.retry(scene.entryAt(1)))?.left).to.equal(null);
    expect(telefonoOf(await scene.shown())).to.equal('777');
    await expectViewsEqualFold(scene.padron);
  });

  it('a skip that is stored during a rebuild is applied in the generation that becomes current', async () => {
    const gate = gatedFill();
    let isFilling = false;
    await scene.startWithParked({
      fill: (stores) => {
        const { store } = stores;
        const subscribe: typeof store.subscribe = (options) => {
          isFilling = true;
          return store.subscribe(options);
        };
        return gate.fill({ ...stores, store: { ...store, subscribe } });
      },
    });
    gate.close();
    isFilling = false;
    const job = begun(await scene.padron.jobs.rebuild('users'));
    await eventually('the fill has read the skips', async () => isFilling);
    await scene.padron.parking.skip(scene.entryAt(1), OPERATOR);
    // Repaired: without the skip the rebuild would apply the event.
    scene.fault.unbearable.clear();
    gate.open();
    expect(await ended(scene.padron, job)).to.include({ state: 'done' });
    expect(await scene.shown()).to.include({ revision: 1, parked: null });
    expect(telefonoOf(await scene.shown())).to.equal(scene.ana.telefono);
  });

  it('a skip is honoured by a view that only follows the log and was opened earlier', async () => {
    await scene.startWithParked();
    scene.fault.unbearable.clear();
    // Another process stores it and dies before it writes the document.
    const cutOff: ReadModel = { ...scene.padron.readModel, open: () => new Promise<never>(() => undefined) };
    const { store } = scene.padron;
    const views = [scene.fault.views.users] as unknown as DocumentView<object>[];
    void createParkedSubjects({ views, readModel: cutOff, store, clock: systemClock }).skip(
      scene.entryAt(1),
      OPERATOR,
    );
    await eventually('it follows the skip', async () => (await scene.shown()).parked === null);
    expect(telefonoOf(await scene.shown())).to.equal(scene.ana.telefono);
  });

  it('a skip has one deadline for everything that it reads and stores before it is stored', async () => {
    await scene.startWithParked();
    const { readModel, store } = scene.padron;
    const withoutDeadline: string[] = [];
    let isStored = false;
    const noting: EventStore = {
      ...store,
      async readStream(stream, options) {
        if (!isStored && !options.deadline) withoutDeadline.push(stream);
        return store.readStream(stream, options);
      },
      async append(appends, options) {
        if (!options?.deadline) withoutDeadline.push('append');
        isStored = true;
        return store.append(appends, options);
      },
    };
    const views = [scene.fault.views.users] as unknown as DocumentView<object>[];
    const parking = createParkedSubjects({ views, readModel, store: noting, clock: systemClock });
    expect(await parking.skip(scene.entryAt(0), OPERATOR), 'an event that is applied').to.equal(null);
    expect((await parking.skip(scene.entryAt(1), OPERATOR))?.left).to.equal(null);
    expect(withoutDeadline).to.deep.equal([]);
  });

  it('a retry that began with a generation that was dropped meanwhile continues in the current one', async () => {
    await scene.startWithParked();
    const { readModel, store } = scene.padron;
    let before: number | null = null;
    const overtaken: ReadModel = {
      ...readModel,
      async open(view, generation, options) {
        if (before === null) {
          before = generation;
          scene.fault.unbearable.clear();
          for (let rebuilds = 0; rebuilds < 2; rebuilds += 1) await scene.rebuilt();
          scene.fault.unbearable.add('666');
          await eventually('it is dropped', async () => !(await readModel.generations(view)).includes(1));
        }
        return readModel.open(view, generation, options);
      },
    };
    const views = [scene.fault.views.users] as unknown as DocumentView<object>[];
    const parking = createParkedSubjects({ views, readModel: overtaken, store, clock: systemClock });
    expect((await parking.retry(scene.entryAt(1)))?.left).to.equal(null);
    expect(before).to.equal(1);
    expect(await readModel.generations(VIEWS.users)).not.to.include(1);
  });

  it('a retry also catches the subject up in the generation that a job is about to make current', async () => {
    const gate = gatedFill();
    await scene.startWithParked({ fill: gate.fill });
    scene.fault.unbearable.clear();
    expect(await scene.rebuilt()).to.include({ state: 'done' });
    scene.fault.unbearable.add('999');
    await scene.change('999');
    expect((await scene.shown()).parked).to.include({ revision: 2 });
    gate.close();
    const job = begun(await scene.padron.jobs.rollback('users'));
    scene.fault.unbearable.clear();
    expect((await scene.padron.parking.retry(scene.entryAt(2)))?.left).to.equal(null);
    const next = await scene.padron.readModel.open(VIEWS.users, job.generation ?? 0);
    expect((await next.load([scene.ana.IdUsuario]))[0]).to.include({ revision: 2, parked: null });
    gate.open();
    expect(await ended(scene.padron, job)).to.include({ state: 'done' });
    await expectViewsEqualFold(scene.padron);
  });
});
