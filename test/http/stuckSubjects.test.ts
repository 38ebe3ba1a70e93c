import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { lastEventOf, type EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { ParkedEntry } from '../../src/projections/parking/parkedSubjects.ts';
import { eventually } from '../support/eventually.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');
const NOW = '2026-03-01T10:00:00.000Z';

/** Events that no command would have stored, each as the next one of a registered subject. */
const USER_FAULTS: Record<string, (user: UserRecord) => { type: string; data: object; metadata?: object }> = {
  'a second registration': (user) => ({ type: 'UserRegistered', data: user }),
  'no changes': () => ({ type: 'UserEdited', data: {} }),
  'changes that are null': () => ({ type: 'UserEdited', data: { changes: null } }),
  'a change without its value': () => ({ type: 'UserEdited', data: { changes: { cuota: { from: 1 } } } }),
  'a value of the wrong type': () => ({
    type: 'UserEdited',
    data: { changes: { nombre: { from: 'Ana', to: 7 } } },
  }),
  'an unknown member': () => ({ type: 'UserEdited', data: { changes: { alias: { from: 1, to: 2 } } } }),
  'an event of another kind of subject': () => ({ type: 'PersonaProfileUpdated', data: { changes: {} } }),
  'metadata without a version': () => ({ type: 'UserRemoved', data: {}, metadata: { schemaVersion: 0 } }),
};

describe('A subject with an event that cannot be applied', () => {
  let store: EventStore;
  const running = serviceForTests({ aroundStore: (opened) => (store = opened) });
  const send = (...call: Parameters<ReturnType<typeof running>['send']>) => running().send(...call);

  async function appendTo(
    stream: string,
    { type, data, metadata }: { type: string; data: object; metadata?: object },
  ): Promise<void> {
    const last = await lastEventOf(store, stream);
    const event = {
      ...newEvent(randomUUID(), { type: 'UserRemoved', data: {} }, systemOrigin('test'), NOW),
      type,
      data,
    };
    Object.assign(event.metadata, metadata);
    await store.append([{ stream, expected: last?.revision ?? -1, events: [event] }]);
  }

  const parkedAt = (subject: string): Promise<ParkedEntry> =>
    eventually(`${subject} is parked`, async () => {
      const { body } = await send('GET', '/admin/parked?limit=1000', { token });
      return (body as { parked: ParkedEntry[] }).parked.find((entry) => entry.subject === subject) ?? null;
    });

  /** Waits until the history of a user has so many entries. */
  const entriesOf = (user: UserRecord, count: number): Promise<unknown> =>
    eventually(`${count} entries`, async () => {
      const { status, body } = await send('GET', `/users/${user.dni}/history`, { token });
      expect(status).to.equal(200);
      return (body as { entries: object[] }).entries.length === count;
    });

  for (const [what, fault] of Object.entries(USER_FAULTS)) {
    it(`keeps its last good document on every route, and is complete again after a skip: ${what}`, async () => {
      const user = await aUser(running().service);
      const stream = `user-${user.IdUsuario}`;
      await appendTo(stream, fault(user));
      const entry = await parkedAt(stream);
      expect(entry).to.include({ id: `users-${user.IdUsuario}.1`, revision: 1 });

      for (const path of [
        `/users/${user.dni}`,
        `/users/${user.dni}?revision=0`,
        `/users/${user.dni}?revision=1`,
      ]) {
        const { status, headers, body } = await send('GET', path, { token });
        expect(status, path).to.equal(200);
        expect(headers['x-padron-behind'] ?? null, path).to.equal(path.endsWith('=0') ? null : 'true');
        expect(headers.etag, path).to.equal(`"${user.IdUsuario}.0"`);
        expect((body as UserRecord).email).to.equal(user.email);
      }
      const diff = await send('GET', `/users/${user.dni}/diff?from=0&to=1`, { token });
      expect({ status: diff.status, body: diff.body }).to.deep.equal({
        status: 200,
        body: { from: 0, to: 1, changes: [] },
      });
      await entriesOf(user, 2);
      expect((await send('GET', '/audit', { token })).status).to.equal(200);

      const edit = { token, body: editOf(user, { telefono: '1' }) };
      const refused = await running().storedBy(() => send('POST', '/users/edit', edit));
      expect(refused.answer.status).to.equal(503);
      expect(refused.stored).to.deep.equal([]);
      const {
        IdUsuario: _id,
        isVerified: _is,
        verificationCode: _code,
        verificationExpires: _until,
        ...fields
      } = user;
      const registration = { token, body: { ...fields, password: 'password 12' } };
      expect((await send('POST', '/users', registration)).status).to.equal(409);

      expect(
        (await send('POST', `/admin/parked/${entry.id}/skip`, { token, body: { reason: 'x' } })).status,
      ).to.equal(200);
      const edited = await send('POST', '/users/edit', edit);
      expect(edited.status).to.equal(200);
      expect((edited.body as UserRecord).telefono).to.equal('1');
      const shown = await send('GET', `/users/${user.dni}`, { token });
      expect(shown.headers).to.not.have.property('x-padron-behind');
      expect((shown.body as UserRecord).telefono).to.equal('1');
      expect((await send('POST', '/users', registration)).status).to.equal(409);
      expect((await send('POST', '/users/delete', { token, body: { dni: user.dni } })).status).to.equal(200);
      expect((await send('POST', '/users', registration)).status).to.equal(201);
    });
  }

  it('is on a named roll in its last good state, and the page says that it is behind', async () => {
    const user = await aUser(running().service);
    const stream = `user-${user.IdUsuario}`;
    const body = { name: `Before ${stream}`, kind: 'users', at: new Date().toISOString() };
    const earlier = await send('POST', '/rolls', { token, body });
    await appendTo(stream, { type: 'UserRegistered', data: user });
    await parkedAt(stream);
    const later = await send('POST', '/rolls', { token, body: { ...body, name: `After ${stream}` } });
    for (const [roll, behind] of [
      [earlier, undefined],
      [later, 'true'],
    ] as const) {
      const path = `${String(roll.headers['location'])}/entries?limit=1000`;
      const page = await send('GET', path, { token });
      const { entries } = page.body as { entries: UserRecord[] };
      expect(entries.find(({ dni }) => dni === user.dni)?.email).to.equal(user.email);
      expect(page.headers['x-padron-behind']).to.equal(behind);
    }
  });

  it('marks the page of changes from which its own are missing', async () => {
    const user = await aUser(running().service);
    const registered = new Date().toISOString();
    await appendTo(`user-${user.IdUsuario}`, { type: 'UserEdited', data: {} });
    await parkedAt(`user-${user.IdUsuario}`);
    const path = `/users/changes?from=${registered}&to=${new Date().toISOString()}&limit=1000`;
    const { headers, body } = await send('GET', path, { token });
    const { changes } = body as { changes: { id: number }[] };
    expect(changes.map(({ id }) => id)).not.to.include(user.IdUsuario);
    expect(headers['x-padron-behind']).to.equal('true');
  });

  it('is shown in its last good state to its own account and by id', async () => {
    const person = await aPersona(running().service);
    const stream = `persona-${person.id}`;
    await appendTo(stream, { type: 'PersonaRegistered', data: person });
    const entry = await parkedAt(stream);
    const own = tokenOf('asistente', person.cuenta);
    for (const [path, as] of [
      ['/api/personas/me', own],
      ['/api/personas/me/history', own],
      [`/api/personas/${person.id}`, token],
      [`/api/personas/${person.id}?revision=1`, token],
      [`/api/personas/${person.id}/history`, token],
    ] as const) {
      const { status, headers } = await send('GET', path, { token: as });
      expect(status, path).to.equal(200);
      if (!path.endsWith('history')) expect(headers['x-padron-behind'], path).to.equal('true');
    }
    const change = { token: own, body: { telefono: '1' } };
    expect((await send('PUT', '/api/personas/me', change)).status).to.equal(503);
    const other = { nombres: 'Eva', apellidos: 'Ruiz', dni: person.dni, cuenta: 'somebody else' };
    const sameAccount = { ...other, dni: '77777777X', cuenta: person.cuenta };
    for (const body of [other, sameAccount]) {
      expect((await send('POST', '/api/personas', { token, body })).status).to.equal(409);
    }
    await send('POST', `/admin/parked/${entry.id}/skip`, { token, body: { reason: 'x' } });
    const changed = await send('PUT', '/api/personas/me', change);
    expect({ status: changed.status, telefono: (changed.body as PersonaRecord).telefono }).to.deep.equal({
      status: 200,
      telefono: '1',
    });
  });

  it('shows events after a removal in its history, and leaves its DNI free', async () => {
    const user = await aUser(running().service);
    const stream = `user-${user.IdUsuario}`;
    await send('POST', '/users/delete', { token, body: { dni: user.dni } });
    await appendTo(stream, { type: 'UserEdited', data: { changes: { cuota: { from: 1, to: 2 } } } });
    await parkedAt(stream);
    expect((await send('GET', `/users/${user.dni}`, { token })).status).to.equal(404);
    await entriesOf(user, 3);
    const {
      IdUsuario: _id,
      isVerified: _is,
      verificationCode: _code,
      verificationExpires: _until,
      ...fields
    } = user;
    const registration = { token, body: { ...fields, password: 'password 12' } };
    expect((await send('POST', '/users', registration)).status).to.equal(201);
  });

  it('keeps values that an event after the failing one claimed, until the failing one is skipped', async () => {
    const person = await aPersona(running().service);
    const stream = `persona-${person.id}`;
    const own = tokenOf('asistente', person.cuenta);
    expect(
      (await send('PUT', '/api/personas/me', { token: own, body: { dni: '55555555K' } })).status,
    ).to.equal(200);
    const [claim] = (await running().events()).filter(
      ({ type, data }) =>
        type === 'ValueClaimed' &&
        (data as { owner: string; revision: number }).owner === stream &&
        (data as { revision: number }).revision === 1,
    );
    // As if the event that used the claim were malformed.
    const other = await aPersona(running().service);
    await appendTo(`persona-${other.id}`, { type: 'PersonaProfileUpdated', data: { changes: null } });
    const data = { owner: `persona-${other.id}`, revision: 1 };
    const claimed = newEvent(randomUUID(), { type: 'ValueClaimed', data }, systemOrigin('test'), NOW);
    expect(
      (await send('PUT', '/api/personas/me', { token: own, body: { dni: person.dni } })).status,
    ).to.equal(200);
    const last = await lastEventOf(store, claim?.stream ?? '');
    await store.append([{ stream: claim?.stream ?? '', expected: last?.revision ?? -1, events: [claimed] }]);
    const registration = { nombres: 'Eva', apellidos: 'Ruiz', dni: '55555555K', cuenta: 'eva-5' };
    expect((await send('POST', '/api/personas', { token, body: registration })).status).to.equal(409);
    const entry = await parkedAt(`persona-${other.id}`);
    await send('POST', `/admin/parked/${entry.id}/skip`, { token, body: { reason: 'x' } });
    expect((await send('POST', '/api/personas', { token, body: registration })).status).to.equal(201);
  });
});
