import { expect } from 'chai';
import { editUser } from '../../src/commands/editUser.ts';
import type { Answer } from '../support/client.ts';
import { aUser, byAdmin, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import { settableClock, walk } from './support.ts';

interface Named {
  id: number;
  count: number;
  digest: string;
}

const clock = settableClock('2025-01-01T10:00:00.000Z');

describe('A named roll of which a person was erased', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const running = serviceForTests({ clock });
  const token = tokenOf('admin');

  const post = (path: string, body?: object): Promise<Answer> =>
    running().send('POST', path, { token, ...(body ? { body } : {}) });

  async function nameRoll(name: string, at: string): Promise<Named> {
    const { status, body } = await post('/rolls', { name, kind: 'users', at });
    expect(status).to.equal(201);
    return body as Named;
  }

  it('still proves its other entries, and counts the erased one', async () => {
    const cora = await aUser(running().service, { nombre: 'Cora' });
    const dario = await aUser(running().service, { nombre: 'Dario' });
    await aUser(running().service, { nombre: 'Elsa' });
    clock.set('2025-03-01T10:00:00.000Z');
    const { id, digest, count } = await nameRoll('Before the erasure', '2025-02-28');
    clock.set('2025-03-02T10:00:00.000Z');
    await running().service.commands.handle(editUser, editOf(dario, { nombre: 'Darius' }), byAdmin());
    const erased = await post(`/users/${cora.dni}/erase`, { reason: 'A request', confirm: cora.dni });
    expect(erased.status).to.equal(200);

    const verified = await post(`/rolls/${id}/verify`);
    expect(verified.body).to.deep.equal({ matches: true, count, digest, erasedSince: 1 });
    const entries = await walk<{ nombre: string }>(running(), `/rolls/${id}/entries?limit=1`, 'entries');
    expect(entries.map(({ nombre }) => nombre)).to.deep.equal(['Dario', 'Elsa']);
  });

  it('leaves the person out if it is named after the erasure, although its moment is earlier', async () => {
    const { id, count, digest } = await nameRoll('After the erasure', '2025-02-28');
    expect(count).to.equal(2);
    const verified = await post(`/rolls/${id}/verify`);
    expect(verified.body).to.deep.equal({ matches: true, count, digest, erasedSince: 0 });
  });
});
