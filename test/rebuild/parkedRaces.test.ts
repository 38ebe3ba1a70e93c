import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { editUser } from '../../src/commands/editUser.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { BULK_FOLD_LIMITS } from '../../src/projections/folding/bulkFold.ts';
import { waitUntilCaughtUp } from '../../src/projections/following/waitUntilCaughtUp.ts';
import { createParkedSubjects } from '../../src/projections/parking/createParkedSubjects.ts';
import { documentProjection } from '../../src/projections/folding/projection.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import type { DocumentView } from '../../src/projections/ports/view.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import { NO_SKIPS } from '../../src/events/bookkeeping/skips.ts';
import { request } from '../history/support/people.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aUser, editOf } from '../support/people.ts';
import { expectViewsEqualFold } from './support/compare.ts';
import { faultyViews } from './support/faultyViews.ts';
import { gatedFill } from './support/gatedFill.ts';
import { startPadron, type Padron, type PadronSettings } from './support/process.ts';
import { begun, ended } from './support/work.ts';

const OPERATOR = {
  actor: { account: 'ops', role: 'admin' },
  requestId: 'r-9',
  correlationId: 'c-9',
  reason: 'ticket 12',
};

describe('Races between parked subjects, generations, processes and retries', () => {
  let folder: string;
  let padron: Padron;
  let fault: ReturnType<typeof faultyViews>;
  let ana: UserRecord;

  beforeEach(() => {
    folder = newFolder();
    fault = faultyViews();
  });
  afterEach(async () => {
    await padron.stop();
    removeFolder(folder);
  });

  /** Starts padron with Ana, whose edit the view cannot show. */
  async function startWithParked(settings: PadronSettings = {}): Promise<void> {
    padron = await startPadron(folder, { views: fault.views, ...settings });
    ana = await aUser(padron);
    await shown();
    fault.unbearable.add('666');
    await change('666');
    expect((await shown()).parked).to.include({ revision: 1 });
  }

  async function restart(settings: PadronSettings = {}): Promise<void> {
    await padron.stop();
    padron = await startPadron(folder, { views: fault.views, ...settings });
  }

  async function change(telefono: string): Promise<void> {
    const outcome = await padron.commands.handle(editUser, editOf(ana, { telefono }), request());
    expect(outcome.outcome).to.equal('done');
  }

  /** Ana's document once the view has seen everything. */
  async function shown(): Promise<ViewDocument> {
    const view = padron.readModel.shown(VIEWS.users);
    await waitUntilCaughtUp(view, await padron.store.head(), systemClock, AbortSignal.timeout(10_000));
    const [document] = await view.load([ana.IdUsuario]);
    if (!document) throw new Error('no document');
    return document;
  }

  const rebuilt = async () => ended(padron, begun(await padron.jobs.rebuild('users')));
  const rolledBack = async () => ended(padron, begun(await padron.jobs.rollback('users')));
  const telefonoOf = ({ body }: ViewDocument): string | undefined => (body as UserRecord | null)?.telefono;
  const entryAt = (revision: number): string => `users-${ana.IdUsuario}.${revision}`;

  it('a retry that dies after its write leaves no unmarked document that lacks an event', async () => {
    await startWithParked();
    fault.unbearable.clear();
    let writes = 0;
    const dying: ReadModel = {
      ...padron.readModel,
      async open(view, generation) {
        const viewStore = await padron.readModel.open(view, generation);
        return {
          ...viewStore,
          async put(documents) {
            writes += 1;
            if (writes > 1) return new Promise<never>(() => undefined);
            // Between the read and the write of the retry, the projection meets one more event and holds it back.
            await change('777');
            await shown();
            await viewStore.put(documents);
          },
        };
      },
    };
    const { store } = padron;
    const parking = createParkedSubjects({
      views: [fault.views.users],
      readModel: dying,
      store,
      clock: systemClock,
    });
    void parking.retry(entryAt(1));
    await eventually('it is about to write again', async () => writes > 1);
    await restart();
    expect((await shown()).parked).to.include({ revision: 1, heldUpTo: 2 });
    expect((await padron.parking.retry(entryAt(1)))?.left).to.equal(null);
    expect(telefonoOf(await shown())).to.equal('777');
    await expectViewsEqualFold(padron);
  });

  it('a skip that is stored during a rebuild is applied in the generation that becomes current', async () => {
    const gate = gatedFill();
    let isFilling = false;
    await startWithParked({
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
    const job = begun(await padron.jobs.rebuild('users'));
    await eventually('the fill has read the skips', async () => isFilling);
    await padron.parking.skip(entryAt(1), OPERATOR);
    // Repaired: without the skip the rebuild would apply the event.
    fault.unbearable.clear();
    gate.open();
    expect(await ended(padron, job)).to.include({ state: 'done' });
    expect(await shown()).to.include({ revision: 1, parked: null });
    expect(telefonoOf(await shown())).to.equal(ana.telefono);
  });

  it('a skip is honoured by a view that only follows the log and was opened earlier', async () => {
    await startWithParked();
    fault.unbearable.clear();
    // Another process stores it and dies before it writes the document.
    const cutOff: ReadModel = { ...padron.readModel, open: () => new Promise<never>(() => undefined) };
    const { store } = padron;
    const views = [fault.views.users] as unknown as DocumentView<object>[];
    void createParkedSubjects({ views, readModel: cutOff, store, clock: systemClock }).skip(
      entryAt(1),
      OPERATOR,
    );
    await eventually('it follows the skip', async () => (await shown()).parked === null);
    expect(telefonoOf(await shown())).to.equal(ana.telefono);
  });

  it('a rollback catches up the parked subjects of the previous generation before the swap', async () => {
    await startWithParked();
    await change('777');
    await shown();
    fault.unbearable.clear();
    expect(await rebuilt()).to.include({ state: 'done' });
    expect((await shown()).revision).to.equal(2);
    expect(await rolledBack()).to.include({ state: 'done' });
    expect(await shown()).to.include({ revision: 2, parked: null });
    await expectViewsEqualFold(padron);
  });

  it('a rollback fails if it would show a subject at an older revision than now', async () => {
    await startWithParked();
    fault.unbearable.clear();
    expect(await rebuilt()).to.include({ state: 'done' });
    await change('777');
    await shown();
    fault.unbearable.add('666');
    const job = await rolledBack();
    expect(job.state).to.equal('failed');
    expect(job.error).to.equal(
      `users cannot apply user-${ana.IdUsuario}@1, which is shown: this generation would show an older revision`,
    );
    expect(await shown()).to.include({ revision: 2, parked: null });
  });

  it('a retry also catches the subject up in the generation that a job is about to make current', async () => {
    const gate = gatedFill();
    await startWithParked({ fill: gate.fill });
    fault.unbearable.clear();
    expect(await rebuilt()).to.include({ state: 'done' });
    fault.unbearable.add('999');
    await change('999');
    expect((await shown()).parked).to.include({ revision: 2 });
    gate.close();
    const job = begun(await padron.jobs.rollback('users'));
    fault.unbearable.clear();
    expect((await padron.parking.retry(entryAt(2)))?.left).to.equal(null);
    const next = await padron.readModel.open(VIEWS.users, job.generation ?? 0);
    expect((await next.load([ana.IdUsuario]))[0]).to.include({ revision: 2, parked: null });
    gate.open();
    expect(await ended(padron, job)).to.include({ state: 'done' });
    await expectViewsEqualFold(padron);
  });

  it('an event at which a rebuild fails can be skipped even if nothing is parked', async () => {
    padron = await startPadron(folder, { views: fault.views });
    ana = await aUser(padron);
    await change('666');
    await change('777');
    await shown();
    // The view was made by a release that could show it.
    fault.unbearable.add('666');
    expect(await rebuilt()).to.include({ state: 'failed' });
    expect(await padron.parking.list()).to.deep.equal([]);
    expect(await padron.parking.skip(entryAt(2), OPERATOR), 'an event that can be applied').to.equal(null);
    const outcome = await padron.parking.skip(entryAt(1), OPERATOR);
    expect(outcome?.entry).to.include({
      id: entryAt(1),
      type: 'UserEdited',
      reason: 'TypeError',
      attempts: 1,
    });
    expect(outcome?.left).to.equal(null);
    expect(await padron.parking.skip(entryAt(1), OPERATOR), 'the same order again').to.equal(null);
    expect(await rebuilt()).to.include({ state: 'done' });
    expect(telefonoOf(await shown())).to.equal('777');
  });

  it('an event that prevents the first generation can be skipped', async () => {
    padron = await startPadron(folder, { keeps: false });
    ana = await aUser(padron);
    await change('666');
    fault.unbearable.add('666');
    await restart();
    await eventually('the first build fails', async () =>
      (await padron.jobs.list()).some(({ state }) => state === 'failed'),
    );
    const outcome = await padron.parking.skip(entryAt(1), OPERATOR);
    expect(outcome?.left).to.equal(null);
    expect(await padron.parking.list()).to.deep.equal([]);
    expect(await padron.parking.count('users')).to.equal(0);
    await restart();
    await eventually('it is built again', async () => {
      const control = (await padron.readModel.controls.read(VIEWS.users))?.control;
      if (typeof control?.live === 'number') return true;
      if (control?.jobs[0]?.state === 'failed') await padron.jobs.rebuild('users');
      return false;
    });
    expect(telefonoOf(await shown())).to.equal(ana.telefono);
  });

  it('a rebuild leaves parked subjects of the previous generation parked, and their marks hold back its events', async () => {
    await startWithParked();
    await change('777');
    const live = (await padron.readModel.controls.read(VIEWS.users))?.control.live ?? 0;
    const before = await shown();
    await change('888');
    await shown();
    const viewStore = await padron.readModel.open(VIEWS.users, live);
    await viewStore.repair(await shown(), before);
    const { store } = padron;
    const dependencies = { viewStore, store, clock: systemClock, skips: NO_SKIPS, shown: viewStore };
    const filling = documentProjection(fault.views.users, dependencies).filling(BULK_FOLD_LIMITS);
    const checkpoint = await viewStore.checkpoint();
    await filling.add(await store.readStream(`user-${ana.IdUsuario}`, { from: 2, limit: 10 }));
    expect(await filling.flush(checkpoint, checkpoint!)).to.equal('written');
    const [after] = await viewStore.load([ana.IdUsuario]);
    expect(after).to.deep.equal({ ...before, parked: { ...before.parked, heldUpTo: 3 } });
  });
});
