import { expect } from 'chai';
import { aPersona, aUser, editOf, newDni, personaBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('An Idempotency-Key after a 4xx', () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');

  it('applies the repeat if the DNI is free by then', async () => {
    const holder = await aPersona(running().service);
    const call = {
      token: admin,
      headers: { 'idempotency-key': 'a' },
      body: personaBody({ dni: holder.dni }),
    };
    expect((await running().send('POST', '/api/personas', call)).status).to.equal(409);
    const giveUp = { token: tokenOf('asistente', holder.cuenta), body: { dni: newDni() } };
    await running().send('PUT', '/api/personas/me', giveUp);
    expect((await running().send('POST', '/api/personas', call)).status).to.equal(201);
  });

  it('applies the repeat if the user exists by then', async () => {
    const dni = newDni();
    const call = { token: admin, headers: { 'idempotency-key': 'b' }, body: { dni } };
    expect((await running().send('POST', '/users/delete', call)).status).to.equal(500);
    await aUser(running().service, { dni });
    expect((await running().send('POST', '/users/delete', call)).status).to.equal(200);
  });

  it('applies the repeat to the user who has the DNI by then', async () => {
    const first = await aUser(running().service);
    const headers = { 'idempotency-key': 'c', 'if-match': `"${first.IdUsuario}.5"` };
    const call = { token: admin, headers, body: editOf(first, { cuota: 7 }) };
    expect((await running().send('POST', '/users/edit', call)).status).to.equal(412);
    await running().send('POST', '/users/delete', { token: admin, body: { dni: first.dni } });
    const second = await aUser(running().service, { dni: first.dni });
    const anew = { ...call, headers: { 'idempotency-key': 'c' } };
    const { status, body } = await running().send('POST', '/users/edit', anew);
    expect(status).to.equal(200);
    expect(body).to.include({ IdUsuario: second.IdUsuario, cuota: 7 });
  });

  it('refuses the repeat about an unknown person again (404), without effect on anyone registered later', async () => {
    const headers = { 'idempotency-key': 'd' };
    const revert = { token: admin, headers, body: { revision: 0, reason: 'a test' } };
    const next = (await aPersona(running().service)).id + 1;
    for (let time = 0; time < 2; time += 1) {
      const { status } = await running().send('POST', `/api/personas/${next}/revert`, revert);
      expect(status).to.equal(404);
    }
    const person = await aPersona(running().service);
    expect(person.id).to.equal(next);
    const read = await running().send('GET', `/api/personas/${next}`, { token: admin });
    expect(read.body).to.include({ id: next, dni: person.dni });
  });
});
