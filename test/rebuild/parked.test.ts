import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { waitUntilCaughtUp } from '../../src/projections/following/waitUntilCaughtUp.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import { request } from '../history/support/people.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aUser, editOf } from '../support/people.ts';
import { expectViewsEqualFold } from './support/compare.ts';
import { faultyViews } from './support/faultyViews.ts';
import { startPadron, type Padron } from './support/process.ts';
import { OPERATOR } from './support/scene.ts';
import { begun, ended } from './support/work.ts';

describe('An event that a view cannot apply', () => {
  let folder: string;
  let padron: Padron;
  let fault: ReturnType<typeof faultyViews>;
  let ana: UserRecord;
  let eva: UserRecord;

  beforeEach(async () => {
    folder = newFolder();
    fault = faultyViews();
    padron = await startPadron(folder, { views: fault.views });
    ana = await aUser(padron);
    eva = await aUser(padron);
    await shown();
  });
  afterEach(async () => {
    await padron.stop();
    removeFolder(folder);
  });

  const edit = async (who: UserRecord, telefono: string): Promise<void> => {
    const outcome = await padron.commands.handle(editUser, editOf(who, { telefono }), request());
    expect(outcome.outcome).to.equal('done');
  };

  /** The documents of Ana and Eva, once the view has seen everything. */
  async function shown(): Promise<ViewDocument[]> {
    const view = padron.readModel.shown(VIEWS.users);
    await waitUntilCaughtUp(view, await padron.store.head(), systemClock, AbortSignal.timeout(10_000));
    return view.scan({ after: 0, limit: 10 });
  }

  const telephones = async (): Promise<(string | undefined)[]> =>
    (await shown()).map(({ body }) => (body as UserRecord | null)?.telefono);

  it('parks its subject at the last good state, and no other', async () => {
    fault.unbearable.add('666');
    await edit(ana, '111');
    await edit(ana, '666');
    await edit(eva, '222');
    expect(await telephones()).to.deep.equal(['111', '222']);
    const [entry, ...others] = await padron.parking.list();
    expect(others).to.deep.equal([]);
    expect(entry).to.include({
      id: `users-${ana.IdUsuario}.2`,
      projection: 'users',
      subject: `user-${ana.IdUsuario}`,
      revision: 2,
      type: 'UserEdited',
      reason: 'TypeError',
      attempts: 1,
    });
    expect(await padron.parking.count('users')).to.equal(1);
    expect(await padron.parking.count('personas')).to.equal(0);
  });

  it('parks a subject that never had a good state, which is then hidden', async () => {
    fault.unbearable.add('666');
    const luz = await aUser(padron, { telefono: '666' });
    expect((await shown()).find(({ id }) => id === luz.IdUsuario)).to.include({ revision: -1, body: null });
    expect((await padron.parking.list()).map(({ revision }) => revision)).to.deep.equal([0]);
    const page = await padron.readModel.shown(VIEWS.users).page({ after: 0, limit: 10, words: [] });
    expect(page.documents.map(({ id }) => id)).to.deep.equal([ana.IdUsuario, eva.IdUsuario]);
  });

  it('holds back later events until a retry after the fix catches the subject up', async () => {
    fault.unbearable.add('666');
    await edit(ana, '666');
    // A view is made of what it ends at: only a state that a batch ends with is ever shown, and can be too much.
    await shown();
    await edit(ana, '777');
    expect(await telephones()).to.deep.equal([ana.telefono, eva.telefono]);
    fault.unbearable.clear();
    const outcome = await padron.parking.retry(`users-${ana.IdUsuario}.1`);
    expect(outcome?.entry).to.include({ revision: 1, attempts: 1 });
    expect(outcome?.left).to.equal(null);
    expect(await telephones()).to.deep.equal(['777', eva.telefono]);
    await edit(ana, '888');
    expect(await telephones()).to.deep.equal(['888', eva.telefono]);
    expect(await padron.parking.list()).to.deep.equal([]);
    await expectViewsEqualFold(padron);
  });

  it('counts as one more attempt when a retry fails too', async () => {
    fault.unbearable.add('666');
    await edit(ana, '666');
    await shown();
    for (const attempts of [2, 3]) {
      const outcome = await padron.parking.retry(`users-${ana.IdUsuario}.1`);
      expect(outcome?.left).to.include({ attempts, revision: 1 });
    }
    expect((await padron.parking.list())[0]).to.include({ attempts: 3 });
  });

  it('is ignored permanently once it is skipped, with the reason stored', async () => {
    fault.unbearable.add('666');
    await edit(ana, '666');
    // A view is made of what it ends at: only a state that a batch ends with is ever shown, and can be too much.
    await shown();
    await edit(ana, '777');
    await shown();
    const outcome = await padron.parking.skip(`users-${ana.IdUsuario}.1`, OPERATOR);
    expect(outcome?.left).to.equal(null);
    // The telephone after the skipped one.
    expect(await telephones()).to.deep.equal(['777', eva.telefono]);
    const [skip, ...others] = await padron.store.readStream('padron-skips', { limit: 10 });
    expect(others).to.deep.equal([]);
    expect(skip?.type).to.equal('EventSkipped');
    expect(skip?.data).to.deep.equal({
      view: 'users',
      subject: `user-${ana.IdUsuario}`,
      revision: 1,
      reason: 'ticket 12',
    });
    expect(skip?.metadata).to.deep.include({ schemaVersion: 2, actor: OPERATOR.actor });
  });

  it('is skipped once: repeating the order does not skip the next failing event', async () => {
    fault.unbearable.add('666').add('777');
    await edit(ana, '666');
    await shown();
    await edit(ana, '777');
    const first = await padron.parking.skip(`users-${ana.IdUsuario}.1`, OPERATOR);
    expect(first?.left).to.include({ id: `users-${ana.IdUsuario}.2`, revision: 2, attempts: 1 });
    expect(await padron.parking.skip(`users-${ana.IdUsuario}.1`, OPERATOR)).to.equal(null);
    expect(await padron.store.readStream('padron-skips', { limit: 10 })).to.have.lengthOf(1);
  });

  it('stays skipped in a rebuild, and in the next process', async () => {
    fault.unbearable.add('666');
    await edit(ana, '666');
    await shown();
    await padron.parking.skip(`users-${ana.IdUsuario}.1`, OPERATOR);
    expect(await telephones()).to.deep.equal([ana.telefono, eva.telefono]);
    await padron.stop();
    fault.unbearable.clear();
    padron = await startPadron(folder, { views: fault.views });
    await shown();
    expect(await ended(padron, begun(await padron.jobs.rebuild('users')))).to.include({ state: 'done' });
    expect(await telephones()).to.deep.equal([ana.telefono, eva.telefono]);
  });

  it('stops a rebuild, which names it, and leaves the current generation unchanged', async () => {
    fault.unbearable.add('666');
    await edit(ana, '666');
    await shown();
    const job = await ended(padron, begun(await padron.jobs.rebuild('users')));
    expect(job.state).to.equal('failed');
    expect(job.error).to.match(
      new RegExp(`^users cannot apply user-${ana.IdUsuario}@1 \\(UserEdited\\) at position \\d+: TypeError$`),
    );
    expect(job.error).not.to.match(/\n|\.ts:/);
    expect(await telephones()).to.deep.equal([ana.telefono, eva.telefono]);
    await edit(eva, '222');
    expect(await telephones()).to.deep.equal([ana.telefono, '222']);
  });

  it('cannot be retried or skipped if nothing is parked', async () => {
    for (const id of [
      'users-1.0',
      'users-99.0',
      'users-',
      'users-x.1',
      'people-1.0',
      'users-1e3.0',
      'users-1',
      '',
    ]) {
      expect(await padron.parking.retry(id)).to.equal(null);
      expect(await padron.parking.skip(id, OPERATOR)).to.equal(null);
    }
    expect(await padron.store.readStream('padron-skips', { limit: 10 })).to.deep.equal([]);
  });

  it('may be retried by several callers at once, while others write', async () => {
    fault.unbearable.add('666');
    await edit(ana, '666');
    await shown();
    fault.unbearable.clear();
    const id = `users-${ana.IdUsuario}.1`;
    await Promise.all([
      padron.parking.retry(id),
      padron.parking.retry(id),
      ...[1, 2, 3, 4, 5].map((n) => edit(ana, `${n}`)),
      padron.parking.retry(id),
    ]);
    await expectViewsEqualFold(padron);
  });
});
