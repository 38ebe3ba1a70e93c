import { expect } from 'chai';
import { aPersona, aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A read of one document', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  it('is 404 for an unknown person and for an impossible id', async () => {
    for (const id of ['999', '0', '-1', '1.0', '01', 'abc', '1e3', '99999999999999999999', '%00', 'null']) {
      const { status, body } = await running().send('GET', `/api/personas/${id}`, { token });
      expect({ status, body }, id).to.deep.equal({ status: 404, body: { message: 'Persona no encontrada' } });
    }
  });

  it('is 404 for an unknown user', async () => {
    const { status, body } = await running().send('GET', '/users/NOBODY', { token });
    expect({ status, body }).to.deep.equal({
      status: 404,
      body: { message: 'User not found', error: 'Not Found', statusCode: 404 },
    });
  });

  it('is 400 for a DNI that is empty in normal form', async () => {
    for (const dni of ['%2E%2E%2E', '-', '%20', '%E2%80%8B']) {
      const { status, body } = await running().send('GET', `/users/${dni}`, { token });
      expect({ status, body }, dni).to.deep.equal({
        status: 400,
        body: { message: ['dni should not be empty'], error: 'Bad Request', statusCode: 400 },
      });
    }
  });

  it('finds a user by any spelling of the DNI and shows no credentials', async () => {
    const {
      password: _p,
      verificationCode: _c,
      verificationExpires: _e,
      ...shown
    } = await aUser(running().service);
    const spelling = encodeURIComponent(` ${shown.dni.toLowerCase()}-`);
    expect((await running().send('GET', `/users/${spelling}`, { token })).body).to.deep.equal(shown);
  });

  it('refuses an invalid X-Padron-Position (400)', async () => {
    const { id } = await aPersona(running().service, { cuenta: 'reader' });
    await aUser(running().service, { dni: 'R3' });
    const reader = tokenOf('admin', 'reader');
    const paths = [`/api/personas/${id}`, '/api/personas/me', '/api/personas', '/users', '/users/R3'];
    for (const path of paths) {
      for (const position of ['-1', 'abc', '1.5', '0x1', '1'.repeat(21)]) {
        const headers = { 'x-padron-position': position };
        const { status } = await running().send('GET', path, { token: reader, headers });
        expect(status, `${path} ${position}`).to.equal(400);
      }
    }
  });
});
