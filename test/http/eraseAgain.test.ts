import { expect } from 'chai';
import { failingStore, type Trouble } from '../support/failingStore.ts';
import { aUser, newDni } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('Erasing a user again, without an Idempotency-Key', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const trouble: Trouble = { appends: 'work', reads: 'work' };
  const running = serviceForTests({ aroundStore: (store) => failingStore(store, trouble) });
  const erase = (user: string, confirm: string) =>
    running().send('POST', `/users/${user}/erase`, {
      token: tokenOf('admin'),
      body: { reason: 'Request of 12 March, file 2026/81', confirm },
    });

  it('answers the certificate by the DNI if the answer to the first request was lost', async () => {
    const user = await aUser(running().service);
    trouble.appends = 'outcome unknown';
    expect((await erase(user.dni, user.dni)).status).to.equal(503);
    trouble.appends = 'work';
    const { status, body } = await erase(user.dni, user.dni);
    expect(status).to.equal(200);
    expect(body).to.include({ subject: `user-${user.IdUsuario}` });
  });

  it('takes no DNI for the erased user that a repeat only claims', async () => {
    const user = await aUser(running().service);
    const unknown = newDni();
    expect((await erase(user.dni, user.dni)).status).to.equal(200);
    expect((await erase(`user-${user.IdUsuario}`, unknown)).status).to.equal(200);
    expect((await erase(unknown, unknown)).status).to.equal(404);
  });
});
