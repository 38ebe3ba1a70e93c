import { expect } from 'chai';
import { aPersona, aUser, editOf, personaBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('ETags', () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');

  it('consist of the id and the revision, which every write increases by one', async () => {
    const user = await aUser(running().service);
    const read = await running().send('GET', `/users/${user.dni}`, { token: admin });
    expect(read.headers['etag']).to.equal(`"${user.IdUsuario}.0"`);
    const edit = await running().send('POST', '/users/edit', {
      token: admin,
      body: editOf(user, { cuota: 1 }),
    });
    expect(edit.headers['etag']).to.equal(`"${user.IdUsuario}.1"`);
    const same = await running().send('POST', '/users/edit', {
      token: admin,
      body: editOf(user, { cuota: 1 }),
    });
    expect(same.headers['etag']).to.equal(`"${user.IdUsuario}.1"`);
  });

  it('allow a write when If-Match names the current one: strong, weak, in a list, or *', async () => {
    const { cuenta, id } = await aPersona(running().service);
    const token = tokenOf('asistente', cuenta);
    const forms = [
      (tag: string) => tag,
      (tag: string) => `W/${tag}`,
      (tag: string) => `"9.9", ${tag},"x"`,
      () => '*',
    ];
    for (const [revision, form] of forms.entries()) {
      const headers = { 'if-match': form(`"${id}.${revision}"`) };
      const body = { telefono: String(revision) };
      const answer = await running().send('PUT', '/api/personas/me', { token, headers, body });
      expect(answer.status, headers['if-match']).to.equal(200);
    }
  });

  it('refuse a write when If-Match does not name the current one (412), even a write without changes', async () => {
    const { cuenta, id } = await aPersona(running().service);
    const token = tokenOf('asistente', cuenta);
    for (const tag of [`"${id}.1"`, `"${id + 1}.0"`, `${id}.0`, 'x', `"${id}.-1"`, ',']) {
      for (const body of [{ telefono: '1' }, {}]) {
        const call = { token, headers: { 'if-match': tag }, body };
        expect((await running().send('PUT', '/api/personas/me', call)).status, tag).to.equal(412);
      }
    }
  });

  it('refuse a registration with any If-Match (412), even *', async () => {
    for (const tag of ['*', '"1.0"', '"0.-1"']) {
      const headers = { 'if-match': tag };
      const body = personaBody();
      const refused = await running().send('POST', '/api/personas', { token: admin, headers, body });
      expect(refused.status, tag).to.equal(412);
      expect((await running().send('POST', '/api/personas', { token: admin, body })).status).to.equal(201);
    }
  });

  it('refuse a delete when If-Match is stale', async () => {
    const { dni, IdUsuario } = await aUser(running().service);
    const remove = (tag: string) =>
      running().send('POST', '/users/delete', { token: admin, headers: { 'if-match': tag }, body: { dni } });
    expect((await remove(`"${IdUsuario}.1"`)).status).to.equal(412);
    expect((await remove(`"${IdUsuario}.0"`)).status).to.equal(200);
  });

  it('answer 304 without a body to a caller that has the current document', async () => {
    const { id, cuenta } = await aPersona(running().service);
    const { dni, IdUsuario } = await aUser(running().service);
    const reads: [string, string, string][] = [
      [`/api/personas/${id}`, admin, `"${id}.0"`],
      ['/api/personas/me', tokenOf('asistente', cuenta), `"${id}.0"`],
      [`/users/${dni}`, admin, `"${IdUsuario}.0"`],
    ];
    for (const [path, token, tag] of reads) {
      for (const given of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
        const answer = await running().send('GET', path, { token, headers: { 'if-none-match': given } });
        expect({ status: answer.status, body: answer.body }, given).to.deep.equal({ status: 304, body: '' });
        expect(answer.headers['etag']).to.equal(tag);
      }
      const other = await running().send('GET', path, { token, headers: { 'if-none-match': '"0.0"' } });
      expect(other.status).to.equal(200);
    }
  });
});
