import { expect } from 'chai';
import { history } from '../../src/projections/views/history.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { users } from '../../src/projections/views/users.ts';
import { eventually } from '../support/eventually.ts';
import { fillGate } from '../support/fillGate.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

interface ShownJob {
  id: string;
  state: string;
  startedAt: string;
  endedAt: string | null;
}

describe('Views over HTTP', () => {
  const gate = fillGate();
  const running = serviceForTests({ aroundFill: gate.around });
  before(() => aPersona(running().service));
  afterEach(async () => {
    gate.open();
    await eventually('no job is under way', async () => {
      const jobs = await running().service.jobs.list();
      return jobs.every(({ state }) => state !== 'running');
    });
  });

  const post = (path: string) => running().send('POST', path, { token });
  const jobAt = async (path: string): Promise<ShownJob> =>
    (await running().send('GET', path, { token })).body as ShownJob;
  const generationOf = async (view: string): Promise<unknown> => {
    const { body } = await running().send('GET', '/admin/projections', { token });
    const { projections } = body as { projections: { name: string; generation: number }[] };
    return projections.find(({ name }) => name === view)?.generation;
  };

  it('report their progress with exactly the documented members', async () => {
    const head = String((await running().events()).at(-1)?.position);
    const listed = await eventually('every view is caught up', async () => {
      const { status, headers, body } = await running().send('GET', '/admin/projections', { token });
      expect(status).to.equal(200);
      expect(headers['cache-control']).to.equal('no-store');
      const { projections } = body as { projections: { position: string; lagEvents: number | null }[] };
      return projections.every(({ position }) => position === head) ? projections : null;
    });
    // EventStoreDB cannot tell how many events lie between two positions.
    const lagEvents = listed[0]?.lagEvents === null ? null : 0;
    expect(listed).to.deep.equal(
      [personas, users, history].map(({ name, version }) => ({
        name,
        version,
        generation: 1,
        position: head,
        lagSeconds: 0,
        lagEvents,
        state: 'live',
        parked: 0,
        lastError: null,
      })),
    );
  });

  it('can be rebuilt: 202 with the job and its location; its result is the next generation', async () => {
    gate.close();
    const { status, headers, body } = await post('/admin/projections/personas/rebuild');
    const { startedAt, ...job } = body as ShownJob;
    expect(status).to.equal(202);
    expect(startedAt).to.match(INSTANT);
    expect(headers['location']).to.equal(`/admin/jobs/${job.id}`);
    expect(job).to.deep.equal({
      id: job.id,
      kind: 'rebuild',
      projection: 'personas',
      state: 'running',
      processed: 0,
      share: 0,
      eventsPerSecond: 0,
      etaSeconds: null,
      endedAt: null,
      error: null,
    });
    const generation = Number(await generationOf('personas'));
    gate.open();
    const done = await eventually('the job has ended', async () => {
      const now = await jobAt(`/admin/jobs/${job.id}`);
      return now.endedAt === null ? null : now;
    });
    expect(done).to.include({ state: 'done', share: 1, eventsPerSecond: 0, etaSeconds: null, error: null });
    expect(await generationOf('personas')).to.equal(generation + 1);
  });

  it('refuse a second rebuild, even while the first is paused: 409 names the job', async () => {
    gate.close();
    const { id } = (await post('/admin/projections/users/rebuild')).body as ShownJob;
    const refused = await post('/admin/projections/users/rebuild');
    expect({ status: refused.status, body: refused.body }).to.deep.equal({
      status: 409,
      body: {
        type: 'about:blank',
        title: 'Conflict',
        status: 409,
        code: 'busy',
        detail: `${id} is running`,
      },
    });
    expect(refused.headers['content-type']).to.contain('application/problem+json');
    await post(`/admin/jobs/${id}/pause`);
    expect((await post('/admin/projections/users/rebuild')).body).to.include({ detail: `${id} is paused` });
    expect((await post('/admin/projections/users/rollback')).body).to.include({ code: 'busy' });
    await running().send('DELETE', `/admin/jobs/${id}`, { token });
  });

  it('are rebuilt once if several callers ask at the same time', async () => {
    gate.close();
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post('/admin/projections/history/rebuild')),
    );
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([202, ...Array<number>(7).fill(409)]);
  });

  it('can be rolled back to the previous generation, if there is one', async () => {
    const first = await generationOf('users');
    const refused = await post('/admin/projections/users/rollback');
    expect(refused).to.deep.include({ status: 409 });
    expect(refused.body).to.deep.include({ code: 'nothing-kept' });
    await post('/admin/projections/users/rebuild');
    await eventually('the rebuild is shown', async () => (await generationOf('users')) !== first);
    const { status, body, headers } = await post('/admin/projections/users/rollback');
    const { id } = body as ShownJob;
    expect(status).to.equal(202);
    expect(headers['location']).to.equal(`/admin/jobs/${id}`);
    expect(body).to.include({ kind: 'rollback', projection: 'users' });
    await eventually('the rollback is done', async () => (await jobAt(`/admin/jobs/${id}`)).state === 'done');
    expect(await generationOf('users')).to.equal(first);
  });

  it('answer 404 for an unknown name', async () => {
    for (const path of ['nobody/rebuild', 'nobody/rollback', 'verify/rebuild', 'Users%20/rebuild']) {
      const { status, body } = await post(`/admin/projections/${path}`);
      expect({ status, body }, path).to.deep.equal({
        status: 404,
        body: { type: 'about:blank', title: 'Not Found', status: 404, code: 'not-found' },
      });
    }
  });

  it('log who started which job', async () => {
    const lines = running().logLines.length;
    const { body } = await post('/admin/projections/personas/rebuild');
    const line = running()
      .logLines.slice(lines)
      .find((one) => one.includes('job begun'));
    expect(JSON.parse(line ?? '{}')).to.include({ account: 'admin', job: (body as ShownJob).id });
  });
});
