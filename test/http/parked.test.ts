import { expect } from 'chai';
import type { ParkedEntry } from '../../src/projections/parking/parkedSubjects.ts';
import { brokenView } from '../support/brokenView.ts';
import { eventually } from '../support/eventually.ts';
import { aUser, editOf } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');
const NOT_FOUND = { type: 'about:blank', title: 'Not Found', status: 404, code: 'not-found' };

describe('Parked subjects over HTTP', () => {
  const broken = brokenView();
  const running = serviceForTests({ views: broken.views });
  beforeEach(() => {
    broken.isMended = false;
  });

  const parked = async (): Promise<ParkedEntry[]> =>
    ((await running().send('GET', '/admin/parked', { token })).body as { parked: ParkedEntry[] }).parked;
  const post = (path: string, body?: unknown) =>
    running().send('POST', path, { token, ...(body === undefined ? {} : { body }) });

  /** A user who was edited to what the view cannot show, and maybe once more. */
  async function aParkedUser(...later: number[]): Promise<ParkedEntry> {
    const user = await aUser(running().service);
    for (const cuota of [13, ...later]) {
      const body = editOf(user, { cuota });
      expect((await running().send('POST', '/users/edit', { token, body })).status).to.equal(200);
    }
    const subject = `user-${user.IdUsuario}`;
    return eventually('it is parked', async () => (await parked()).find((one) => one.subject === subject));
  }

  it('are listed with exactly the documented members', async () => {
    const entry = await aParkedUser();
    const [, edit] = (await running().events()).filter(({ stream }) => stream === entry.subject);
    const id = `${entry.subject.replace('user-', 'users-')}.1`;
    expect(entry).to.deep.equal({
      id,
      projection: 'users',
      subject: entry.subject,
      position: String(edit?.position),
      revision: 1,
      type: 'UserEdited',
      reason: 'Error',
      attempts: 1,
      at: entry.at,
    });
    expect(Date.parse(entry.at)).to.be.closeTo(Date.now(), 10_000);
    await post(`/admin/parked/${id}/skip`, { reason: 'end of the test' });
  });

  it('are listed in pages, each with a cursor and a link to the next one', async () => {
    const before = (await parked()).length;
    const made = [await aParkedUser(), await aParkedUser(), await aParkedUser()];
    const seen: string[] = [];
    let path: string | null = '/admin/parked?limit=2';
    for (let pages = 0; path !== null && pages < 10; pages += 1) {
      const { status, headers, body } = await running().send('GET', path, { token });
      expect(status).to.equal(200);
      const page = body as { parked: ParkedEntry[]; next: string | null };
      expect(page.parked.length).to.be.within(1, 2);
      seen.push(...page.parked.map(({ id }) => id));
      path = page.next === null ? null : `/admin/parked?limit=2&cursor=${encodeURIComponent(page.next)}`;
      expect(headers.link ?? null).to.equal(path && `<${path}>; rel="next"`);
    }
    expect(seen).to.have.lengthOf(before + 3);
    expect(new Set(seen).size).to.equal(before + 3);
    expect(seen).to.include.members(made.map(({ id }) => id));
    for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=x', 'cursor=', 'q=x', 'view=users']) {
      const { status, body } = await running().send('GET', `/admin/parked?${query}`, { token });
      expect({ status, code: (body as { code: string }).code }, query).to.deep.equal({
        status: 400,
        code: 'invalid',
      });
    }
    for (const { id } of made) await post(`/admin/parked/${id}/skip`, { reason: 'end of the test' });
  });

  it('are counted in GET /admin/projections and in a metric, and degrade nothing', async () => {
    const before = (await parked()).length;
    const { id } = await aParkedUser();
    const { body } = await running().send('GET', '/admin/projections', { token });
    const { projections } = body as { projections: { name: string; parked: number }[] };
    expect(projections.map(({ name, parked: count }) => [name, count])).to.deep.equal([
      ['personas', 0],
      ['users', before + 1],
      ['history', 0],
    ]);
    const metrics = String((await running().send('GET', '/metrics')).body);
    expect(metrics).to.contain(`padron_projection_parked{view="users"} ${before + 1}\n`);
    await eventually('the views are caught up', async () => {
      const health = await running().send('GET', '/health/ready');
      return (health.body as { status: string }).status === 'ready';
    });
    await post(`/admin/parked/${id}/skip`, { reason: 'end of the test' });
  });

  it('can be retried: a subject that stays parked has one more attempt and is marked as behind', async () => {
    const entry = await aParkedUser();
    const { status, headers, body } = await post(`/admin/parked/${entry.id}/retry`);
    expect(status).to.equal(200);
    expect(headers['x-padron-behind']).to.equal('true');
    const { at } = body as ParkedEntry;
    expect(body).to.deep.equal({ ...entry, attempts: 2, at });
    expect((await parked()).find(({ id }) => id === entry.id)).to.deep.equal(body);
    await post(`/admin/parked/${entry.id}/skip`, { reason: 'end of the test' });
  });

  it('are no longer parked once a retry has caught them up, and the answer is the former entry', async () => {
    const entry = await aParkedUser();
    broken.isMended = true;
    const { status, headers, body } = await post(`/admin/parked/${entry.id}/retry`);
    expect({ status, body }).to.deep.equal({ status: 200, body: entry });
    expect(headers).to.not.have.property('x-padron-behind');
    expect((await parked()).map(({ id }) => id)).to.not.include(entry.id);
    expect(await post(`/admin/parked/${entry.id}/retry`)).to.deep.include({ status: 404, body: NOT_FOUND });
  });

  it('skip an event permanently, and store who skipped it and why', async () => {
    const entry = await aParkedUser(20);
    const { answer, stored } = await running().storedBy(() =>
      running().send('POST', `/admin/parked/${entry.id}/skip`, {
        token,
        headers: { 'x-request-id': 'the-skip' },
        body: { reason: '  the fee was a typing error ' },
      }),
    );
    expect({ status: answer.status, body: answer.body }).to.deep.equal({ status: 200, body: entry });
    expect(answer.headers).to.not.have.property('x-padron-behind');
    expect(stored).to.have.lengthOf(1);
    expect(stored[0]).to.deep.include({
      stream: 'padron-skips',
      type: 'EventSkipped',
      data: {
        view: 'users',
        subject: entry.subject,
        revision: entry.revision,
        reason: 'the fee was a typing error',
      },
    });
    expect(stored[0]?.metadata).to.deep.include({
      actor: { account: 'admin', role: 'admin' },
      requestId: 'the-skip',
    });
    expect((await parked()).map(({ id }) => id)).to.not.include(entry.id);
  });

  it('say so when they are parked again after a skipped event', async () => {
    const entry = await aParkedUser(20, 13);
    const { status, headers, body } = await post(`/admin/parked/${entry.id}/skip`, { reason: 'a' });
    expect({ status, body }).to.deep.equal({ status: 200, body: entry });
    expect(headers['x-padron-behind']).to.equal('true');
    const next = (await parked()).find(({ subject }) => subject === entry.subject);
    expect(next).to.include({ revision: 3, attempts: 1 });
    // The same order again, as after a lost answer, is none about the later event.
    expect((await post(`/admin/parked/${entry.id}/skip`, { reason: 'a' })).status).to.equal(404);
    await post(`/admin/parked/${next?.id}/skip`, { reason: 'end of the test' });
  });

  it('require a reason of 1 to 200 characters for a skip, and nothing else: 400 names every error', async () => {
    const entry = await aParkedUser();
    const bodies: [unknown, string[]][] = [
      [{}, ['/reason']],
      [{ reason: '  ' }, ['/reason']],
      [{ reason: 'x'.repeat(201) }, ['/reason']],
      [{ reason: 'two\nlines' }, ['/reason']],
      [{ reason: null, revision: 1 }, ['/revision', '/reason']],
      ['[]', ['']],
    ];
    for (const [body, paths] of bodies) {
      const { answer, stored } = await running().storedBy(() => post(`/admin/parked/${entry.id}/skip`, body));
      expect(answer.status, JSON.stringify(body)).to.equal(400);
      const { code, errors } = answer.body as { code: string; errors: { path: string }[] };
      expect(code).to.equal('invalid');
      expect(errors.map(({ path }) => path)).to.have.members(paths);
      expect(stored).to.deep.equal([]);
    }
    const call = { token, headers: { 'content-type': 'text/plain' }, body: 'reason' };
    const wrongType = await running().send('POST', `/admin/parked/${entry.id}/skip`, call);
    expect(wrongType.body).to.include({ status: 415, code: 'unsupported-media-type' });
    await post(`/admin/parked/${entry.id}/skip`, { reason: 'end of the test' });
  });

  it('answer 404 for an id under which nothing is parked', async () => {
    const { IdUsuario } = await aUser(running().service);
    for (const id of [
      `users-${IdUsuario}.0`,
      `users-${IdUsuario}`,
      'users-0.0',
      'users',
      'nobody-1.0',
      'history-1.0',
      'users-1e3.0',
    ]) {
      const retried = await post(`/admin/parked/${id}/retry`);
      const skipped = await post(`/admin/parked/${id}/skip`, { reason: 'nothing' });
      expect(retried, id).to.deep.include({ status: 404, body: NOT_FOUND });
      expect(skipped, id).to.deep.include({ status: 404, body: NOT_FOUND });
    }
  });
});
