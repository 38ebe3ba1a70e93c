import { expect } from 'chai';
import { eventually } from '../support/eventually.ts';
import { fillGate } from '../support/fillGate.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');
const NOT_FOUND = { type: 'about:blank', title: 'Not Found', status: 404, code: 'not-found' };

interface ShownJob {
  id: string;
  kind: string;
  state: string;
}

describe('Jobs over HTTP', () => {
  const gate = fillGate();
  const running = serviceForTests({ aroundFill: gate.around });
  before(() => aPersona(running().service));
  afterEach(async () => {
    gate.open();
    for (const { id } of await running().service.jobs.list()) await running().service.jobs.cancel(id);
  });

  const send = (method: string, path: string) => running().send(method, path, { token });
  async function aRebuild(view = 'personas'): Promise<string> {
    gate.close();
    return ((await send('POST', `/admin/projections/${view}/rebuild`)).body as ShownJob).id;
  }
  const stateOf = async (id: string): Promise<string> =>
    ((await send('GET', `/admin/jobs/${id}`)).body as ShownJob).state;

  it('are listed newest first, each as GET /admin/jobs/:id shows it', async () => {
    const first = await aRebuild('personas');
    const second = await aRebuild('history');
    const { status, body } = await send('GET', '/admin/jobs');
    const { jobs } = body as { jobs: ShownJob[] };
    expect(status).to.equal(200);
    expect(jobs.slice(0, 2).map(({ id }) => id)).to.deep.equal([second, first]);
    expect((await send('GET', `/admin/jobs/${second}`)).body).to.deep.equal(jobs[0]);
  });

  it('stop while paused and continue when resumed; repeating either has no effect', async () => {
    const id = await aRebuild();
    for (let twice = 0; twice < 2; twice += 1) {
      const paused = await send('POST', `/admin/jobs/${id}/pause`);
      expect(paused.status).to.equal(200);
      expect(paused.body).to.include({ id, state: 'paused' });
    }
    for (let twice = 0; twice < 2; twice += 1) {
      const resumed = await send('POST', `/admin/jobs/${id}/resume`);
      expect(resumed.status).to.equal(200);
      expect(resumed.body).to.include({ id, state: 'running' });
    }
    gate.open();
    await eventually('the job is done', async () => (await stateOf(id)) === 'done');
  });

  it('end when cancelled, and leave the view unchanged', async () => {
    const before = (await send('GET', '/api/personas')).body;
    const id = await aRebuild();
    const { status, body } = await send('DELETE', `/admin/jobs/${id}`);
    expect(status).to.equal(200);
    expect(body).to.include({ id, state: 'cancelled' });
    expect((body as { endedAt: string }).endedAt).to.be.a('string');
    expect((await send('GET', '/api/personas')).body).to.deep.equal(before);
    await aRebuild();
  });

  it('refuse changes after their end, naming their state (409)', async () => {
    const id = await aRebuild();
    await send('DELETE', `/admin/jobs/${id}`);
    for (const [method, path] of [
      ['POST', '/pause'],
      ['POST', '/resume'],
      ['DELETE', ''],
    ] as const) {
      const { status, body } = await send(method, `/admin/jobs/${id}${path}`);
      expect({ status, body }, `${method} ${path}`).to.deep.equal({
        status: 409,
        body: {
          type: 'about:blank',
          title: 'Conflict',
          status: 409,
          code: 'ended',
          detail: 'it is cancelled',
        },
      });
    }
  });

  it('answer 404 for an unknown id', async () => {
    for (const id of ['personas-v3-99', 'personas', 'nobody-v1-1', '%2F', 'verify-v1-77']) {
      for (const [method, path] of [
        ['GET', ''],
        ['GET', '/events'],
        ['POST', '/pause'],
        ['POST', '/resume'],
        ['DELETE', ''],
      ] as const) {
        const { status, body } = await send(method, `/admin/jobs/${id}${path}`);
        expect({ status, body }, `${method} ${id}${path}`).to.deep.equal({ status: 404, body: NOT_FOUND });
      }
    }
  });

  it('start a verification with its location (202), or refuse one while another is unfinished (409)', async () => {
    const { status, headers, body } = await send('POST', '/admin/verify');
    const { id } = body as ShownJob;
    expect(status).to.equal(202);
    expect(headers['location']).to.equal(`/admin/jobs/${id}`);
    expect(body).to.include({ kind: 'verify', projection: null });
    // Over so few events it may be done before it is paused.
    if ((await send('POST', `/admin/jobs/${id}/pause`)).status === 409) return;
    const refused = await send('POST', '/admin/verify');
    expect(refused.status).to.equal(409);
    expect(refused.body).to.include({ code: 'busy', detail: `${id} is paused` });
  });
});
