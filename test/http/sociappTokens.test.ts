import { expect } from 'chai';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf, tokenWith } from '../support/tokens.ts';

describe("A token of SociApp's login, with sub and email and no role", () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');

  const statusWith = async (claims: object): Promise<number> =>
    (await running().send('GET', '/users', { token: tokenWith(claims) })).status;

  it('has the role of the current categoria of the user whose IdUsuario is its sub', async () => {
    const user = await aUser(running().service, { categoria: ' Monitor', email: 'Marta@Example.com' });
    expect(await statusWith({ sub: user.IdUsuario, email: 'Marta@Example.com' })).to.equal(200);
    expect(await statusWith({ sub: String(user.IdUsuario), email: ' marta@example.COM ' })).to.equal(200);
  });

  it('is looked up on each request, so that a changed categoria applies at once', async () => {
    const user = await aUser(running().service, { categoria: 'monitor' });
    const claims = { sub: user.IdUsuario, email: user.email };
    expect(await statusWith(claims)).to.equal(200);
    const edit = async (categoria: string): Promise<void> => {
      await running().send('POST', '/users/edit', { token: admin, body: editOf(user, { categoria }) });
    };
    await edit('socio');
    expect(await statusWith(claims)).to.equal(403);
    await edit('administrador');
    expect(await statusWith(claims)).to.equal(200);
  });

  it('is invalid if the email is not that user’s or the user is unknown (401)', async () => {
    const user = await aUser(running().service, { categoria: 'admin' });
    const { IdUsuario: sub, email } = user;
    expect(await statusWith({ sub, email: 'other@example.com' })).to.equal(401);
    for (const nobody of [999_999, 0, -1, 1.5, '1e3', ` ${sub}`, `0${sub}`, 'user-1', '']) {
      expect(await statusWith({ sub: nobody, email }), String(nobody)).to.equal(401);
    }
    for (const wrong of [null, 7, {}, [email], '']) {
      expect(await statusWith({ sub, email: wrong }), JSON.stringify(wrong)).to.equal(401);
    }
  });

  it('is invalid once the user is removed (401)', async () => {
    const user = await aUser(running().service, { categoria: 'monitor' });
    const claims = { sub: user.IdUsuario, email: user.email };
    expect(await statusWith(claims)).to.equal(200);
    await running().send('POST', '/users/delete', { token: admin, body: { dni: user.dni } });
    expect(await statusWith(claims)).to.equal(401);
  });

  it('is not looked up if the token itself names a role', async () => {
    const user = await aUser(running().service, { categoria: 'admin' });
    expect(await statusWith({ sub: user.IdUsuario, email: user.email, role: 'socio' })).to.equal(403);
  });

  it('acts for the person whose cuenta is that IdUsuario', async () => {
    const user = await aUser(running().service, { categoria: 'asistente' });
    const { id } = await aPersona(running().service, { cuenta: String(user.IdUsuario) });
    const token = tokenWith({ sub: user.IdUsuario, email: user.email });
    expect((await running().send('GET', '/api/personas/me', { token })).body).to.include({ id });
  });
});
