import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { failingStore, type Trouble } from '../support/failingStore.ts';
import { aUser, newDni, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('Erasing a user again, without an Idempotency-Key', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const trouble: Trouble = { appends: 'work', reads: 'work' };
  let minutesLater = 0;
  const running = serviceForTests({
    aroundStore: (store) => failingStore(store, trouble),
    clock: { ...systemClock, now: () => new Date(Date.now() + minutesLater * 60_000).toISOString() },
  });
  afterEach(() => {
    minutesLater = 0;
  });
  const erase = (user: string, confirm: string) =>
    running().send('POST', `/users/${user}/erase`, {
      token: tokenOf('admin'),
      body: { reason: 'Request of 12 March, file 2026/81', confirm },
    });

  it('answers the certificate by the DNI if the answer to the first request was lost', async () => {
    const user = await aUser(running().service);
    trouble.appends = 'outcome unknown';
    expect((await erase(user.dni, user.dni)).status).to.equal(503);
    trouble.appends = 'work';
    const { status, body } = await erase(user.dni, user.dni);
    expect(status).to.equal(200);
    expect(body).to.include({ subject: `user-${user.IdUsuario}` });
  });

  it('finds nobody by the DNI once some time has passed', async () => {
    const { dni } = await aUser(running().service);
    const first = await erase(dni, dni);
    minutesLater = 14;
    expect((await erase(dni, dni)).body).to.deep.equal(first.body);
    minutesLater = 16;
    expect((await erase(dni, dni)).status).to.equal(404);
  });

  it('takes no DNI for the erased user that a repeat only claims', async () => {
    const user = await aUser(running().service);
    const unknown = newDni();
    expect((await erase(user.dni, user.dni)).status).to.equal(200);
    expect((await erase(`user-${user.IdUsuario}`, unknown)).status).to.equal(200);
    expect((await erase(unknown, unknown)).status).to.equal(404);
  });
});

describe('Erasing a user again, without an Idempotency-Key, on another instance', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const dataDir = newFolder();
  const running = serviceForTests({ dataDir });
  const other = serviceForTests({ dataDir });
  after(() => {
    removeFolder(dataDir);
  });

  it('answers the certificate of the last holder of the DNI', async () => {
    const erase = (instance: typeof running, dni: string) =>
      instance().send('POST', `/users/${dni}/erase`, {
        token: tokenOf('admin'),
        body: { reason: 'Request of 12 March, file 2026/81', confirm: dni },
      });
    // Two connections to embedded stores see each other's appends within 100 ms.
    const certificateOf = (instance: typeof running, dni: string, { IdUsuario }: { IdUsuario: number }) =>
      eventually('the certificate of the last holder', async () => {
        const { body } = await erase(instance, dni);
        return (body as { subject?: string }).subject === `user-${IdUsuario}` && body;
      });
    const user = await aUser(running().service);
    const { dni } = user;
    const first = await certificateOf(running, dni, user);
    expect(await certificateOf(other, dni, user)).to.deep.equal(first);
    const next = await aUser(running().service, { dni });
    const second = await certificateOf(other, dni, next);
    expect(await certificateOf(running, dni, next)).to.deep.equal(second);
  });
});

describe('Erasing a user who is erased already, with an Idempotency-Key', function () {
  if (process.env['TEST_SEALING'] === 'off') return;
  const running = serviceForTests();
  const erase = (dni: string, headers = {}, reason = 'File 2026/81') =>
    running().send('POST', `/users/${dni}/erase`, {
      token: tokenOf('admin'),
      headers,
      body: { reason, confirm: dni },
    });

  it('does not erase the next user with the DNI when the request is repeated', async () => {
    const { dni } = await aUser(running().service);
    const first = await erase(dni);
    const key = { 'idempotency-key': randomUUID() };
    expect((await erase(dni, key)).body).to.deep.equal(first.body);
    expect((await erase(dni, key)).body).to.deep.equal(first.body);
    const next = await aUser(running().service, { dni });
    const { answer, stored } = await running().storedBy(() => erase(dni, key));
    // Whom the DNI named is not recorded.
    expect([answer.status, answer.headers['problem-code']]).to.deep.equal([422, 'key-reused']);
    expect(stored).to.deep.equal([]);
    const read = await running().send('GET', `/users/${dni}`, { token: tokenOf('admin') });
    expect(read.body).to.include({ IdUsuario: next.IdUsuario });
  });

  it('takes the key for no other request', async () => {
    const { dni } = await aUser(running().service);
    await erase(dni);
    const key = { 'idempotency-key': randomUUID() };
    expect((await erase(dni, key)).status).to.equal(200);
    expect((await erase(dni, key, 'File 2026/82')).status).to.equal(422);
  });

  it('takes no key for an erasure or a roll that was used for a person who is erased since', async () => {
    const key = { 'idempotency-key': randomUUID() };
    const body = userBody();
    const token = tokenOf('admin');
    await running().send('POST', '/users', { token, headers: key, body });
    await erase(body.dni);
    const { dni } = await aUser(running().service);
    const { answer, stored } = await running().storedBy(() => erase(dni, key));
    expect([answer.status, answer.headers['problem-code']]).to.deep.equal([422, 'key-reused']);
    expect(stored).to.deep.equal([]);
    const roll = { name: `Roll ${dni}`, kind: 'users', at: new Date().toISOString() };
    const named = await running().send('POST', '/rolls', { token, headers: key, body: roll });
    expect(named.status).to.equal(422);
    const imported = await running().send('POST', '/imports', {
      token,
      headers: { ...key, 'content-type': 'application/x-ndjson' },
      body: JSON.stringify(userBody()),
    });
    expect(imported.status).to.equal(422);
  });
});
