import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import type { Outcome, Request } from '../../src/commands/command.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { removeUser } from '../../src/commands/removeUser.ts';
import { userDni } from '../../src/domain/user.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { users } from '../../src/projections/views/users.ts';
import { deferred } from '../support/deferred.ts';
import { aUser, editOf } from '../support/people.ts';
import { viewInMemory, type ViewInMemory } from '../support/viewInMemory.ts';

const byAdmin = (): Request => ({
  actor: { account: 'admin', role: 'admin' },
  requestId: randomUUID(),
  correlationId: randomUUID(),
  ifMatch: null,
  key: null,
});

/** What a write answers, as the service notes it. */
function acknowledge({ documents }: ViewInMemory<UserRecord>, outcome: Outcome<UserRecord>): void {
  if (outcome.outcome !== 'done') throw new Error(outcome.rejection.code);
  documents.remember(outcome.id, outcome);
}

describe('The documents of a view', () => {
  let view: ViewInMemory<UserRecord>;
  let ana: UserRecord;

  beforeEach(async () => {
    view = await viewInMemory(users);
    ana = await aUser(view);
    await view.catchUp();
  });

  const byDni = (dni: string): ReturnType<ViewInMemory<UserRecord>['documents']['byValue']> =>
    view.documents.byValue(userDni(dni), null);

  async function edit(cuota: number): Promise<void> {
    acknowledge(view, await view.commands.handle(editUser, editOf(ana, { cuota }), byAdmin()));
  }

  /** Holds the next read of that kind after it has found its answer; returns what lets it go on. */
  function hold(read: 'load' | 'lookUp'): { isHeld: Promise<void>; release: () => void } {
    const [arrived, leave] = [deferred(), deferred()];
    view.beforeAnswer = async (one) => {
      if (one !== read) return;
      view.beforeAnswer = async () => undefined;
      arrived.resolve();
      await leave.promise;
    };
    return { isHeld: arrived.promise, release: leave.resolve };
  }

  it('come from a view that has caught up, without a read from the event store', async () => {
    view.asked();
    const [one, held] = [await view.documents.byId(ana.IdUsuario, null), await byDni(ana.dni)];
    for (const shown of [one, held]) {
      expect(shown).to.deep.include({ body: ana, revision: 0, behind: false, from: 'view' });
    }
    expect(view.asked()).to.deep.equal([]);
  });

  it('come from the stream while the view is behind what was acknowledged, both by id and by DNI', async () => {
    await edit(99);
    for (const shown of [await view.documents.byId(ana.IdUsuario, null), await byDni(ana.dni)]) {
      expect(shown?.body.cuota).to.equal(99);
      expect(shown?.from).to.equal('stream');
    }
    await view.catchUp();
    expect((await byDni(ana.dni))?.from).to.equal('view');
  });

  it('come from the stream while the view has not reached the requested position', async () => {
    const shown = await view.documents.byValue(userDni(ana.dni), 1_000_000n);
    expect(shown?.from).to.equal('stream');
  });

  it('are found under a DNI that has moved to another subject as soon as that is acknowledged', async () => {
    acknowledge(view, await view.commands.handle(removeUser, { dni: ana.dni }, byAdmin()));
    expect(await byDni(ana.dni)).to.equal(null);
    const eva = await aUser(view, { dni: ana.dni });
    view.documents.remember(
      eva.IdUsuario,
      await view.commands.repository.fresh(users.aggregate, `user-${eva.IdUsuario}`),
    );
    expect((await byDni(ana.dni))?.id).to.equal(eva.IdUsuario);
    await view.catchUp();
    expect(await byDni(ana.dni)).to.include({ id: eva.IdUsuario, from: 'view' });
  });

  it('do not reappear after an answer that the DNI is free, even while the view still shows them', async () => {
    // Another instance removes her: this one has acknowledged nothing.
    await view.commands.handle(removeUser, { dni: ana.dni }, byAdmin());
    expect(await view.documents.byValue(userDni(ana.dni), 1_000_000n)).to.equal(null);
    expect(await byDni(ana.dni)).to.equal(null);
  });

  it('are never older than what is acknowledged during the read, even if the view has caught up since', async () => {
    const { isHeld, release } = hold('load');
    const reading = view.documents.byId(ana.IdUsuario, null);
    await isHeld;
    await edit(77);
    await view.catchUp();
    await view.documents.byValue(userDni(ana.dni), 2n);
    release();
    expect((await reading)?.body.cuota).to.equal(77);
  });

  it('are never older than what was acknowledged before a read that outlasts the lag', async () => {
    await edit(88);
    const { isHeld, release } = hold('load');
    const reading = view.documents.byId(ana.IdUsuario, null);
    await isHeld;
    await view.catchUp();
    await view.documents.byValue(userDni('other'), 1_000n);
    release();
    expect((await reading)?.body.cuota).to.equal(88);
  });

  it('are read again by DNI if the acknowledged revision of their subject is forgotten during the lookup', async () => {
    // An answer by id on this instance has shown a DNI that the view does not have yet.
    const stream = `user-${ana.IdUsuario}`;
    await view.commands.handle(editUser, editOf(ana, { cuota: 66 }), byAdmin());
    const { revision, position } = await view.commands.repository.fresh(users.aggregate, stream);
    view.documents.remember(ana.IdUsuario, { state: null, revision, position });
    const { isHeld, release } = hold('lookUp');
    const reading = byDni(ana.dni);
    await isHeld;
    await view.catchUp();
    await view.documents.byId(ana.IdUsuario, position);
    release();
    expect((await reading)?.body.cuota).to.equal(66);
  });

  it('are folded from the stream while the read model is away, including reads by id', async () => {
    view.away.readModel = true;
    expect(await view.documents.byId(ana.IdUsuario, null)).to.include({ from: 'stream' });
    expect(await byDni(ana.dni)).to.include({ from: 'stream' });
  });

  it('come from the view while the event store is away; what needs the stream is an error', async () => {
    view.away.eventStore = true;
    expect(await byDni(ana.dni)).to.include({ from: 'view' });
    for (const ask of [
      () => byDni('unknown'),
      () => view.documents.byId(ana.IdUsuario + 1, null),
      () => view.documents.byValue(userDni(ana.dni), 1_000_000n),
    ]) {
      expect(await ask().catch((error: unknown) => error)).to.be.instanceOf(EventStoreError);
    }
  });

  it('are never older than acknowledged while the event store is away', async () => {
    await edit(55);
    view.away.eventStore = true;
    for (const ask of [() => byDni(ana.dni), () => view.documents.byId(ana.IdUsuario, null)]) {
      expect(await ask().catch((error: unknown) => error)).to.be.instanceOf(EventStoreError);
    }
  });
});

describe('The documents of a view after a restart', () => {
  it('are folded from the stream, and pages are behind, until the view has reached the head as of the start', async () => {
    const startedAt = 1_000n;
    const view = await viewInMemory(users, { startedAt });
    const ana = await aUser(view);
    await view.catchUp();
    const everything = { after: 0, limit: 10, words: [] };
    expect(await view.documents.byId(ana.IdUsuario, null)).to.include({ from: 'stream' });
    expect(await view.documents.byValue(userDni(ana.dni), null)).to.include({ from: 'stream' });
    expect((await view.documents.page(everything, null)).behind).to.equal(true);
    view.reach(startedAt);
    expect(await view.documents.byId(ana.IdUsuario, null)).to.include({ from: 'view' });
    expect(await view.documents.byValue(userDni(ana.dni), null)).to.include({ from: 'view' });
    expect((await view.documents.page(everything, null)).behind).to.equal(false);
  });
});
