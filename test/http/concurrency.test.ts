import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { aPersona, aUser, editOf, newDni, personaBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const MANY = 200;
const many = Array.from({ length: MANY }, (_, index) => index);

describe('200 simultaneous requests', () => {
  const running = serviceForTests();
  const admin = tokenOf('admin');

  it('that edit one user all succeed, one after the other', async () => {
    const user = await aUser(running().service);
    const answers = await Promise.all(
      many.map((index) =>
        running().send('POST', '/users/edit', { token: admin, body: editOf(user, { cuota: 1_000 + index }) }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).to.deep.equal(new Set([200]));
    answers.forEach(({ body }, index) => {
      expect(body).to.include({ cuota: 1_000 + index });
    });
    const events = (await running().events()).filter(({ stream }) => stream === `user-${user.IdUsuario}`);
    expect(events).to.have.lengthOf(MANY + 1);
    // Each edit saw the one before it.
    const changes = events.slice(1).map(({ data }) => (data as { changes: { cuota: Change } }).changes.cuota);
    changes.slice(1).forEach(({ from }, index) => {
      expect(from).to.equal(changes[index]?.to);
    });
  });

  it('that register one DNI produce one person', async () => {
    const dni = newDni();
    const answers = await Promise.all(
      many.map(() => running().send('POST', '/api/personas', { token: admin, body: personaBody({ dni }) })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([201, ...Array.from({ length: MANY - 1 }, () => 409)]);
    const registered = (await running().events()).filter(
      ({ type, data }) => type === 'PersonaRegistered' && (data as { dni: string }).dni === dni,
    );
    expect(registered).to.have.lengthOf(1);
  });

  it('by 200 persons for one DNI leave one holder', async () => {
    const persons = await Promise.all(many.map(() => aPersona(running().service)));
    const dni = newDni();
    const answers = await Promise.all(
      persons.map(({ cuenta }) =>
        running().send('PUT', '/api/personas/me', { token: tokenOf('asistente', cuenta), body: { dni } }),
      ),
    );
    const statuses = answers.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([200, ...Array.from({ length: MANY - 1 }, () => 409)]);
    const position = String(answers.find(({ status }) => status === 200)?.headers['x-padron-position']);
    const list = await eventually('a list that is caught up', async () => {
      const headers = { 'x-padron-position': position };
      const page = await running().send('GET', `/api/personas?q=${dni}`, { token: admin, headers });
      // A slow view says so instead of making the caller wait.
      return page.headers['x-padron-behind'] === undefined ? page : null;
    });
    expect((list.body as { personas: object[] }).personas).to.have.lengthOf(1);
  });
});

interface Change {
  from: number;
  to: number;
}
