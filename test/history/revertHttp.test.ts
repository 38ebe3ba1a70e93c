import { expect } from 'chai';
import { registerUser } from '../../src/commands/registerUser.ts';
import type { HistoryEntry } from '../../src/projections/views/history.ts';
import { SOCIA } from '../support/people.ts';
import { request } from './support/people.ts';
import { aPersona, seeing, startTestService, type Answer, type TestService } from './support/service.ts';

const ANA = { sub: 'ana', role: 'asistente' };
const PASSWORD = 'correct horse';

describe('Reverting over HTTP', () => {
  let service: TestService;

  beforeEach(async () => {
    service = await startTestService();
    await service.request('POST', '/api/personas', { body: aPersona });
    await service.request('PUT', '/api/personas/me', { as: ANA, body: { dni: '99', nombres: 'Eva' } });
    // Not over HTTP: there each password takes bcrypt a quarter of a second.
    await service.commands.handle(
      registerUser,
      { ...SOCIA, socio: 'Socio', password: '$2b$12$hash' },
      request(),
    );
    await service.request('POST', '/users/edit', { body: { ...SOCIA, cuota: 40 } });
  });

  afterEach(() => service.close());

  const revert = (path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> =>
    service.request('POST', `${path}/revert`, { body, headers });
  const revisions = async (stream: string): Promise<number> =>
    (await service.store.readStream(stream, { limit: 100 })).length;

  it('restores a person, and records the reason and the restored revision', async () => {
    const answer = await revert('/api/personas/1', { revision: 0, reason: ' asked for ' });
    expect(answer.status).to.equal(200);
    expect(answer.body).to.include({ id: 1, nombres: 'Ana', dni: '12345678Z' });
    expect(answer.headers.get('etag')).to.equal('"1.2"');
    const [stored] = await service.store.readStream('persona-1', { backwards: true, limit: 1 });
    expect(stored).to.have.nested.property('type', 'PersonaProfileUpdated');
    expect(stored?.metadata).to.include({ reason: 'asked for', revertTo: 0 });
    const shown = await service.request('GET', '/api/personas/1/history?limit=1', {
      headers: seeing(answer),
    });
    expect(shown.body.entries[0]).to.include({
      reason: 'asked for',
      summary: "The person's nombres and dni were put back to what revision 0 had.",
    });
    const claims = await service.store.readAll(null, 100);
    expect(
      claims.filter(({ type, metadata }) => type === 'ValueClaimed' && 'reason' in metadata),
    ).to.deep.equal([]);
  });

  it('restores a user except for credentials, and leaves the password unchanged', async () => {
    const answer = await revert('/users/4567 8912-c', { revision: 0, reason: 'wrong fee' });
    expect(answer.body).to.include({ cuota: 25 }).and.not.to.have.any.keys('password', 'verificationCode');
    const [stored] = await service.store.readStream('user-1', { backwards: true, limit: 1 });
    expect(stored?.data).to.deep.equal({ changes: { cuota: { from: 40, to: 25 } } });
  });

  it('stores nothing if nothing changes', async () => {
    const answer = await revert('/users/45678912C', { revision: 1, reason: 'none' });
    expect(answer.status).to.equal(200);
    expect(await revisions('user-1')).to.equal(2);
  });

  it('is refused if another user now has the DNI, and then changes nothing', async () => {
    const other = { ...aPersona, cuenta: 'eva' };
    expect((await service.request('POST', '/api/personas', { body: other })).status).to.equal(201);
    const answer = await revert('/api/personas/1', { revision: 0, reason: 'r' });
    expect(answer.status).to.equal(409);
    expect(answer.body).to.deep.equal({
      message: 'Error al revertir persona',
      errors: [{ path: '/dni', message: 'ya está en uso' }],
    });
    expect(await revisions('persona-1')).to.equal(2);
  });

  it('is applied once, however often it is sent with the same key', async () => {
    const key = { 'idempotency-key': 'k-1' };
    const body = { revision: 0, reason: 'r' };
    const first = await revert('/api/personas/1', body, key);
    await service.request('PUT', '/api/personas/me', { as: ANA, body: { nombres: 'Eva' } });
    const again = await revert('/api/personas/1', body, key);
    expect([first.status, again.status]).to.deep.equal([200, 200]);
    expect(again.body).to.include({ nombres: 'Eva' });
    expect(await revisions('persona-1')).to.equal(4);
    expect((await revert('/api/personas/1', { ...body, revision: 1 }, key)).status).to.equal(422);
    // The same body for somebody else is another request.
    expect((await revert('/api/personas/2', body, key)).status).to.equal(422);
  });

  it('honours If-Match', async () => {
    const body = { revision: 0, reason: 'r' };
    expect((await revert('/api/personas/1', body, { 'if-match': '"1.0"' })).status).to.equal(412);
    expect((await revert('/api/personas/1', body, { 'if-match': '"1.1"' })).status).to.equal(200);
  });

  it('requires a reason and a revision that existed', async () => {
    for (const body of [
      { revision: 0 },
      { revision: 0, reason: '  ' },
      { reason: 'r' },
      { revision: -1, reason: 'r' },
    ]) {
      expect((await revert('/users/45678912C', body)).status).to.equal(400);
    }
    expect((await revert('/users/45678912C', { revision: 7, reason: 'r' })).body.message).to.deep.equal([
      'revision must be a revision that the subject had',
    ]);
    expect((await revert('/users/nobody', { revision: 0, reason: 'r' })).status).to.equal(404);
    expect((await revert('/api/personas/9', { revision: 0, reason: 'r' })).status).to.equal(404);
  });

  it('of a removed user shows the history under the DNI until another user holds it, and does not restore the user', async () => {
    const gone = await service.request('POST', '/users/delete', { body: { dni: '45678912C' } });
    const history = async (headers = {}): Promise<string[]> =>
      (await service.request('GET', '/users/45678912C/history', { headers })).body.entries.map(
        ({ subject, type }: HistoryEntry) => `${subject} ${type}`,
      );
    expect(await history(seeing(gone))).to.deep.equal([
      'user-1 UserRemoved',
      'user-1 UserEdited',
      'user-1 UserRegistered',
    ]);
    expect((await service.request('GET', '/users/45678912C?revision=1')).body).to.include({ cuota: 40 });
    expect((await service.request('GET', '/users/45678912C?revision=2')).body.message).to.equal(
      'User not found: revision lies after the removal',
    );
    expect((await revert('/users/45678912C', { revision: 0, reason: 'r' })).status).to.equal(404);
    const walk = (await service.request('GET', '/users/45678912C/history?limit=1')).body as { next: string };
    const heir = await service.request('POST', '/users', { body: { ...SOCIA, password: PASSWORD } });
    expect(await history(seeing(heir))).to.deep.equal(['user-2 UserRegistered']);
    // A walk that began before goes on where it was.
    const rest = await service.request('GET', `/users/45678912C/history?cursor=${walk.next}`);
    expect(rest.body.entries.map(({ subject }: HistoryEntry) => subject)).to.deep.equal(['user-1', 'user-1']);
  });

  it('is marked as behind if the view does not include it in time', async () => {
    const answer = await service.request('GET', '/audit', { headers: { 'x-padron-position': '99999' } });
    expect(answer.status).to.equal(200);
    expect(answer.headers.get('x-padron-behind')).to.equal('true');
    expect(
      (await service.request('GET', '/audit', { headers: { 'x-padron-position': 'x' } })).status,
    ).to.equal(400);
  }).timeout(10_000);
});
