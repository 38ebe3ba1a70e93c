import { expect } from 'chai';
import { aUser, editOf, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A monitor who repeats a request with its Idempotency-Key', () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');
  const monitor = tokenOf('monitor');

  it('is refused once the user has become an administrator, and learns nothing about the user', async () => {
    for (const categoria of ['admin', 'auditor', 'dpo']) {
      const user = await aUser(running().service, { categoria: 'socio' });
      const headers = { 'idempotency-key': `edit-${categoria}` };
      const body = editOf(user, { telefono: '1' });
      const edit = () => running().send('POST', '/users/edit', { token: monitor, headers, body });
      expect((await edit()).status).to.equal(200);
      expect((await edit()).status).to.equal(200);
      await running().send('POST', '/users/edit', { token: admin, body: editOf(user, { categoria }) });
      const { status, body: refusal } = await edit();
      expect({ status, refusal }, categoria).to.deep.equal({
        status: 403,
        refusal: { message: 'Forbidden resource', error: 'Forbidden', statusCode: 403 },
      });
    }
  });

  it('is refused the answer to a registration as well', async () => {
    const headers = { 'idempotency-key': 'register' };
    const body = userBody({ categoria: 'socio' });
    const register = () => running().send('POST', '/users', { token: monitor, headers, body });
    expect((await register()).status).to.equal(201);
    const promoted = editOf(body as never, { categoria: 'admin' });
    expect((await running().send('POST', '/users/edit', { token: admin, body: promoted })).status).to.equal(
      200,
    );
    expect((await register()).status).to.equal(403);
  });
});
