import { expect } from 'chai';
import type { Call } from '../support/client.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { aPersona, aUser, editOf, newDni } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Each request breaks everything from its own row on down: the answer tells which check came first. */
describe('Checks of a request run in this order:', () => {
  const running = serviceForTests();
  let admin: UserRecord;
  let statusOf: (method: string, path: string, call?: Call) => Promise<number>;

  const monitor = tokenOf('monitor');
  const used = { 'idempotency-key': 'used' };
  const stale = { 'if-match': '"0.99"' };
  const text = { 'content-type': 'text/plain' };
  const large = `{"dni":${'x'.repeat(70_000)}`;

  before(async () => {
    statusOf = async (...request) => (await running().send(...request)).status;
    admin = await aUser(running().service, { categoria: 'admin' });
    const user = await aUser(running().service);
    await running().send('POST', '/users/edit', { token: monitor, headers: used, body: editOf(user) });
  });

  it('an unknown path (404) before any token', async () => {
    const call = { headers: { ...text, ...stale }, body: large };
    for (const path of ['/nowhere', '/api', '/api/personas/1/nothing', '/users/1/nothing']) {
      expect(await statusOf('PUT', path, call), path).to.equal(404);
    }
  });

  it('a wrong method (405, with the right ones in Allow) before any token', async () => {
    const call = { headers: { ...text, ...stale }, body: large };
    for (const path of ['/api/personas/me', '/api/personas', '/users', '/users/edit', '/health/live']) {
      const { status, headers } = await running().send('DELETE', path, call);
      expect(status, path).to.equal(405);
      expect(headers['allow'], path).to.match(/GET|POST|PUT/);
    }
  });

  it('401 before 403', async () => {
    expect(await statusOf('POST', '/users/edit', { token: 'none', headers: text, body: large })).to.equal(
      401,
    );
  });

  it('403 before 415', async () => {
    const call = { token: tokenOf('asistente'), headers: text, body: large };
    expect(await statusOf('POST', '/users/edit', call)).to.equal(403);
  });

  it('415 before 413', async () => {
    const call = { token: monitor, headers: text, body: large };
    expect(await statusOf('POST', '/users/edit', call)).to.equal(415);
  });

  it('413 before 400', async () => {
    const call = { token: monitor, headers: { ...used, ...stale }, body: large };
    expect(await statusOf('POST', '/users/edit', call)).to.equal(413);
  });

  it('400 before the Idempotency-Key', async () => {
    const call = { token: monitor, headers: { ...used, ...stale }, body: { dni: newDni() } };
    expect(await statusOf('POST', '/users/edit', call)).to.equal(400);
    const dates = editOf(admin, { dni: newDni(), fechaalta: '2024-02-01', fechabaja: '2024-01-01' });
    expect(await statusOf('POST', '/users/edit', { ...call, body: dates })).to.equal(400);
  });

  it('the Idempotency-Key (422) before not found', async () => {
    const call = { token: monitor, headers: { ...used, ...stale }, body: editOf(admin, { dni: newDni() }) };
    expect(await statusOf('POST', '/users/edit', call)).to.equal(422);
  });

  it('not found before the rules of the command', async () => {
    const body = editOf(admin, { dni: newDni(), categoria: 'admin' });
    expect(await statusOf('POST', '/users/edit', { token: monitor, headers: stale, body })).to.equal(500);
  });

  it('403 for changing an administrator before 412', async () => {
    const call = { token: monitor, headers: stale, body: editOf(admin) };
    expect(await statusOf('POST', '/users/edit', call)).to.equal(403);
  });

  it('412 before 409', async () => {
    const { cuenta } = await aPersona(running().service);
    const { dni } = await aPersona(running().service);
    const call = { token: tokenOf('asistente', cuenta), headers: stale, body: { dni } };
    expect(await statusOf('PUT', '/api/personas/me', call)).to.equal(412);
    expect(await statusOf('PUT', '/api/personas/me', { ...call, headers: {} })).to.equal(409);
  });
});
