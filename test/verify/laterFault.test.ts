import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { repairDocument } from '../../src/projections/folding/repairDocument.ts';
import { faultyViews } from '../rebuild/support/faultyViews.ts';
import { aUser, editOf } from '../support/people.ts';
import { by, MAX_MS, openVerified } from './support/verified.ts';

describe('Repairing a document that includes an event which this instance cannot apply', function () {
  this.timeout(MAX_MS);

  it('leaves the document unchanged, so that no older revision is shown', async () => {
    const fault = faultyViews();
    const verified = await openVerified({ views: fault.views });
    try {
      const user = await aUser(verified);
      for (const telefono of ['600', '666', '700']) {
        await verified.commands.handle(editUser, editOf(user, { telefono }), by('admin'));
      }
      await verified.level();
      const viewStore = await verified.documents(fault.views.users);
      const [before] = await viewStore.load([user.IdUsuario]);
      expect(before).to.include({ revision: 3, parked: null });

      fault.unbearable.add('666');
      await repairDocument(
        fault.views.users,
        { viewStore, store: verified.store, clock: systemClock },
        user.IdUsuario,
      );
      expect(await viewStore.load([user.IdUsuario])).to.deep.equal([before]);
    } finally {
      await verified.close();
    }
  });
});
