import { expect } from 'chai';
import type { Certificate } from '../../src/erasure/certificate.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { aPersona, aUser, byAdmin, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('The certificate of somebody who erases themselves', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const running = serviceForTests();
  const erase = (path: string, confirm: string, account: string) =>
    running().send('POST', `${path}/erase`, {
      token: tokenOf('admin', account),
      body: { reason: 'Request of 12 March, file 2026/81', confirm },
    });

  it('names the subject instead of an account that is the person: the account on the record, the DNI, the e-mail', async () => {
    const person = await aPersona(running().service);
    const [one, other] = [await aUser(running().service), await aUser(running().service)];
    const byOf = async (path: string, confirm: string, account: string) =>
      ((await erase(path, confirm, account)).body as Certificate).by;
    const personPath = `/api/personas/${person.id}`;
    expect(await byOf(personPath, person.dni, person.cuenta)).to.deep.equal({
      account: `persona-${person.id}`,
      role: 'admin',
    });
    expect(await byOf(`/users/${one.dni}`, one.dni, one.email.toUpperCase())).to.deep.equal({
      account: `user-${one.IdUsuario}`,
      role: 'admin',
    });
    expect(await byOf(`/users/${other.dni}`, other.dni, other.dni.toLowerCase())).to.deep.equal({
      account: `user-${other.IdUsuario}`,
      role: 'admin',
    });
    const stored = (await running().events()).filter(({ type }) => /Eras/.test(type));
    const text = stored
      .map(({ data, metadata }) => JSON.stringify({ data, metadata }))
      .join('\n')
      .toLowerCase();
    expect(text).to.contain(`persona-${person.id}`);
    for (const account of [person.cuenta, one.email, other.dni])
      expect(text).not.to.contain(account.toLowerCase());
  });

  it('names the subject instead of an e-mail that the record had before an edit', async () => {
    const { service } = running();
    const former = await aUser(service, { email: 'former@example.com' });
    await service.commands.handle(editUser, editOf(former, { email: 'new@example.com' }), byAdmin());
    const answer = await erase(`/users/${former.dni}`, former.dni, 'former@example.com');
    expect((answer.body as Certificate).by.account).to.equal(`user-${former.IdUsuario}`);
  });
});
