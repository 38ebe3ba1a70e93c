import { expect } from 'chai';
import { newFolder, removeFolder } from '../support/folder.ts';
import { aPersona, personaBody } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('After a restart on the same data', () => {
  const admin = tokenOf('admin');
  let dataDir: string;
  let running: TestService;

  beforeEach(async () => {
    dataDir = newFolder();
    running = await startTestService({ dataDir });
  });
  afterEach(async () => {
    await running.stop();
    removeFolder(dataDir);
  });

  async function restart(): Promise<void> {
    await running.stop();
    running = await startTestService({ dataDir });
  }

  it('everything is available at once, in lists too', async () => {
    const { id, cuenta } = await aPersona(running.service);
    const body = { nombres: 'Ana' };
    const updated = await running.send('PUT', '/api/personas/me', {
      token: tokenOf('asistente', cuenta),
      body,
    });
    await restart();
    const one = await running.send('GET', `/api/personas/${id}`, { token: admin });
    expect(one.body).to.deep.equal(updated.body);
    expect(one.headers['etag']).to.equal(`"${id}.1"`);
    const list = await running.send('GET', '/api/personas', { token: admin });
    expect(list.body).to.deep.equal({ personas: [updated.body], next: null });
  });

  it('an Idempotency-Key is still recognised', async () => {
    const call = { token: admin, headers: { 'idempotency-key': 'k' }, body: personaBody() };
    const first = await running.send('POST', '/api/personas', call);
    await restart();
    const { answer, stored } = await running.storedBy(() => running.send('POST', '/api/personas', call));
    expect({ status: answer.status, body: answer.body, stored }).to.deep.equal({
      status: 201,
      body: first.body,
      stored: [],
    });
    const other = { ...call, body: personaBody() };
    expect((await running.send('POST', '/api/personas', other)).status).to.equal(422);
  });

  it('a taken DNI stays taken, and ids continue', async () => {
    const { id, dni } = await aPersona(running.service);
    await restart();
    const taken = await running.send('POST', '/api/personas', { token: admin, body: personaBody({ dni }) });
    expect(taken.status).to.equal(409);
    expect((await aPersona(running.service)).id).to.be.greaterThan(id);
  });
});
