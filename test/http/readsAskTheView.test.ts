import { expect } from 'chai';
import type { EventStore } from '../../src/events/eventStore.ts';
import { eventually } from '../support/eventually.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Streams that a read by DNI, account or id would ask the event store for. */
const ASKED_BY_READS = /^(persona|user|reservation)-/;

describe('With all views caught up, a read', () => {
  let asked: string[] = [];
  const counting = (store: EventStore): EventStore => ({
    ...store,
    readStream(stream, options) {
      if (ASKED_BY_READS.test(stream)) asked.push(stream);
      return store.readStream(stream, options);
    },
  });
  const running = serviceForTests({ aroundStore: counting });
  const token = tokenOf('admin');

  /** Waits until a list shows this write: then the views are level. */
  async function level(position: unknown): Promise<void> {
    const headers = { 'x-padron-position': String(position) };
    for (const path of ['/users?limit=1', '/api/personas?limit=1', '/audit?limit=1']) {
      await eventually(`${path} is caught up`, async () => {
        const list = await running().send('GET', path, { token, headers });
        return list.headers['x-padron-behind'] === undefined;
      });
    }
  }

  it('by DNI, account or id makes no call to the event store, even after a write by this instance', async () => {
    const { send, service } = running();
    const person = await aPersona(service);
    const user = await aUser(service);
    const own = tokenOf('asistente', person.cuenta);
    await send('PUT', '/api/personas/me', { token: own, body: { telefono: '5' } });
    const edit = await send('POST', '/users/edit', { token, body: editOf(user, { cuota: 3 }) });
    await level(edit.headers['x-padron-position']);
    asked = [];
    for (const [path, by] of [
      [`/users/${user.dni}`, token],
      ['/api/personas/me', own],
      [`/api/personas/${person.id}`, token],
      [`/users/${user.dni}/history`, token],
      ['/api/personas/me/history', own],
      [`/api/personas/${person.id}/history`, token],
      [`/users/${encodeURIComponent(` ${user.dni.toLowerCase()} `)}`, token],
    ] as const) {
      const headers = { 'x-padron-position': String(edit.headers['x-padron-position']) };
      for (const call of [{ token: by }, { token: by, headers }]) {
        const { status } = await send('GET', path, call);
        expect(status, path).to.equal(200);
        expect(asked, path).to.deep.equal([]);
      }
    }
  });

  it('by DNI returns the same as the stream', async () => {
    const { send, service } = running();
    const user = await aUser(service);
    const edit = await send('POST', '/users/edit', { token, body: editOf(user, { cuota: 8 }) });
    const fromStream = await send('GET', `/users/${user.dni}?revision=1`, { token });
    await level(edit.headers['x-padron-position']);
    const fromView = await send('GET', `/users/${user.dni}`, { token });
    expect(fromView.body).to.deep.equal(fromStream.body);
    expect(fromView.headers.etag).to.equal(fromStream.headers.etag);
  });

  it('of a free DNI checks the reservation, so that 404 is never outdated', async () => {
    asked = [];
    const { status } = await running().send('GET', '/users/NOBODY', { token });
    expect(status).to.equal(404);
    expect(asked.some((stream) => stream.startsWith('reservation-'))).to.equal(true);
  });
});
