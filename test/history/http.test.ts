import { expect } from 'chai';
import type { HistoryEntry } from '../../src/projections/views/history.ts';
import { ADMIN, AUDITOR, MONITOR, type Answer } from './support/service.ts';
import { ANA, PASSWORD, servedHistory } from './support/servedHistory.ts';

describe('The history over HTTP', () => {
  const served = servedHistory();
  const { get } = served;
  const shown = ({ body }: Answer): string[] =>
    body.entries.map(({ subject, revision }) => `${subject}@${revision}`);

  it('shows everything to an auditor, newest first', async () => {
    const answer = await get('/audit', AUDITOR);
    expect(answer.status).to.equal(200);
    expect(shown(answer)).to.deep.equal([
      'user-1@2',
      'user-1@1',
      'user-1@0',
      'persona-1@1',
      'persona-2@0',
      'persona-1@0',
    ]);
    expect(answer.body.next).to.equal(null);
    expect(answer.headers.get('link')).to.equal(null);
    expect(answer.body.entries[1]).to.deep.include({
      subject: 'user-1',
      revision: 1,
      type: 'UserEdited',
      actor: { account: 'mo', role: 'monitor' },
      summary: "The user's cuota was changed.",
      reason: null,
      changes: [{ field: 'cuota', before: 25, after: 30 }],
    });
  });

  for (const [question, wanted] of [
    ['type=UserEdited', ['user-1@2', 'user-1@1']],
    ['actor=mo', ['user-1@1']],
    ['subject=persona-1', ['persona-1@1', 'persona-1@0']],
    ['correlation=corr-1', ['persona-1@1']],
    ['field=cuota', ['user-1@2', 'user-1@1', 'user-1@0']],
    ['field=cuota&actor=mo&type=UserEdited', ['user-1@1']],
    ['q=ruiz', ['persona-2@0', 'persona-1@0']],
    ['q=CUOTA+46002', ['user-1@2']],
    ['q=person&order=asc', ['persona-1@0', 'persona-2@0', 'persona-1@1']],
    ['from=2020-01-01T00:00:00Z&to=2020-02-01T00:00:00Z', []],
    ['to=2100-01-01T00:00:00%2B01:00&type=UserRegistered', ['user-1@0']],
    ['actor=nobody', []],
  ] as const) {
    it(`answers ${question}`, async () => {
      expect(shown(await get(`/audit?${question}`, AUDITOR))).to.deep.equal(wanted);
    });
  }

  it('includes `from` and excludes `to`', async () => {
    const { at } = (await get('/users/45678912C/history?type=UserRegistered')).body
      .entries[0] as HistoryEntry;
    expect(shown(await get(`/audit?from=${at}&to=${at}`))).to.deep.equal([]);
    expect(shown(await get(`/audit?from=${at}&order=asc`))[0]).to.equal('user-1@0');
    expect(shown(await get(`/audit?to=${at}`))[0]).to.equal('persona-1@1');
  });

  it('can be paged by its cursor and by its link', async () => {
    const walked: string[] = [];
    for (let path = '/audit?limit=2&order=asc', pages = 1; ; pages += 1) {
      const page = await get(path);
      walked.push(...shown(page));
      const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      expect(link === undefined).to.equal(page.body.next === null);
      if (link === undefined) {
        expect(pages).to.equal(3);
        break;
      }
      expect(new URL(link, served.service().url).searchParams.get('cursor')).to.equal(page.body.next);
      path = link;
    }
    expect(walked).to.deep.equal(shown(await get('/audit?order=asc')));
  });

  it('answers 304 to a caller that already has the page', async () => {
    const etag = (await get('/audit?limit=3')).headers.get('etag') ?? '';
    expect((await get('/audit?limit=3', ADMIN, { 'if-none-match': etag })).status).to.equal(304);
    expect((await get('/audit?limit=2', ADMIN, { 'if-none-match': etag })).status).to.equal(200);
  });

  it('names every invalid parameter at once', async () => {
    const bad =
      'type=x&subject=5&correlation=%20&field=shoe&from=yesterday&to=2024-02-30T00:00:00Z&order=up&limit=0&cursor=&actor=&colour=red';
    const problem = (await get(`/audit?${bad}`, AUDITOR)).body;
    expect(problem).to.include({ status: 400, code: 'invalid' });
    const named = (problem.errors as { path: string }[]).map(({ path }) => path.slice(1));
    expect(named).to.have.members(bad.split('&').map((one) => one.split('=')[0]));
    expect((await get('/api/personas/1/history?limit=1001')).body).to.deep.equal({
      message: 'Error al consultar el historial',
      errors: [{ path: '/limit', message: 'debe ser un número entero de 1 a 1000' }],
    });
    expect((await get('/users/45678912C/history?from=x')).body).to.deep.equal({
      message: ['from must be an RFC 3339 instant such as 2024-03-01T08:00:00Z'],
      error: 'Bad Request',
      statusCode: 400,
    });
    expect((await get('/audit?actor=a&actor=b')).status).to.equal(400);
  });

  it('refuses a cursor that was altered, or that belongs to another question or person', async () => {
    const { next } = (await get('/users/45678912C/history?limit=1')).body as { next: string };
    expect((await get(`/users/4567-8912.c/history?limit=2&cursor=${next}`)).status).to.equal(200);
    const altered = `${next.slice(0, -2)}${next.endsWith('AA') ? 'BB' : 'AA'}`;
    for (const path of [
      `/users/45678912C/history?cursor=${altered}`,
      `/users/45678912C/history?order=asc&cursor=${next}`,
      `/users/45678912C/history?type=UserEdited&cursor=${next}`,
      `/users/1/history?cursor=${next}`,
      `/audit?cursor=${next}`,
      `/api/personas/1/history?cursor=${next}`,
    ]) {
      expect((await get(path)).status, path).to.equal(400);
    }
  });

  it('shows a person only their own history', async () => {
    const mine = await get('/api/personas/me/history', ANA);
    expect(shown(mine)).to.deep.equal(['persona-1@1', 'persona-1@0']);
    expect(shown(await get('/api/personas/me/history?subject=persona-2', ANA))).to.deep.equal([]);
    expect((await get('/api/personas/me/history', { sub: 'nobody', role: 'admin' })).body).to.deep.equal({
      message: 'Persona no encontrada',
    });
    for (const path of [
      '/api/personas/1/history',
      '/api/personas/2/history',
      '/api/personas/1/diff?from=0&to=1',
    ]) {
      expect((await get(path, ANA)).status, path).to.equal(403);
    }
    const { next } = (await get('/api/personas/me/history?limit=1', ANA)).body as { next: string };
    const eva = { sub: 'eva', role: 'asistente' };
    expect((await get(`/api/personas/me/history?limit=1&cursor=${next}`, eva)).status).to.equal(400);
  });

  it('is open only to the documented roles', async () => {
    for (const [path, ...allowed] of [
      ['/audit', 'admin', 'auditor'],
      ['/api/personas/me/history', 'admin', 'asistente'],
      ['/api/personas/1/history', 'admin'],
      ['/api/personas/1/diff?from=0&to=0', 'admin'],
      ['/users/45678912C/history', 'admin', 'monitor'],
      ['/users/45678912C?revision=0', 'admin', 'monitor'],
      ['/users/45678912C/diff?from=0&to=0', 'admin', 'monitor'],
    ] as const) {
      for (const role of ['admin', 'auditor', 'monitor', 'asistente', 'socio']) {
        const { status } = await get(path, { sub: 'ana', role });
        expect(status, `${role} ${path}`).to.equal((allowed as readonly string[]).includes(role) ? 200 : 403);
      }
      expect((await served.service().request('GET', path, { as: null })).status).to.equal(401);
    }
    for (const role of ['monitor', 'auditor', 'asistente']) {
      const revert = { as: { sub: 'x', role }, body: { revision: 0, reason: 'r' } };
      expect((await served.service().request('POST', '/users/45678912C/revert', revert)).status).to.equal(
        403,
      );
      expect((await served.service().request('POST', '/api/personas/1/revert', revert)).status).to.equal(403);
    }
  });

  it('logs one line per read of another person’s history: account, subject and the names of the filters', async () => {
    served.service().logs.length = 0;
    await get('/users/45678912C/history?field=cuota&q=secret-word&limit=1', MONITOR);
    await get('/audit?actor=ana', AUDITOR);
    await get('/api/personas/1?revision=0');
    await get('/api/personas/2/diff?from=0&to=0');
    await get('/api/personas/me/history', ANA);
    await get('/api/personas/1/history', { sub: 'ana', role: 'admin' });
    await get('/audit?actor=');
    await get('/users/nobody/history');
    const lines = served.service().logs.filter(({ msg }) => msg === 'history read');
    expect(lines.map(({ account, subject, filters }) => ({ account, subject, filters }))).to.deep.equal([
      { account: 'mo', subject: 'user-1', filters: ['field', 'q'] },
      { account: 'audrey', subject: null, filters: ['actor'] },
      { account: 'ada', subject: 'persona-1', filters: ['revision'] },
      { account: 'ada', subject: 'persona-2', filters: ['from', 'to'] },
    ]);
    expect(JSON.stringify(served.service().logs)).not.to.match(/secret-word|45678912C|cuota=/);
  });

  it('never shows a hash, a code or a token in an answer or a log', async () => {
    const paths = [
      '/audit',
      '/users/45678912C/history',
      '/users/45678912C?revision=0',
      '/users/45678912C/diff?from=0&to=2',
    ];
    const texts = [
      ...(await Promise.all(paths.map(async (path) => (await get(path)).text))),
      (await get('/audit', AUDITOR, { accept: 'text/csv' })).text,
      (await get('/audit', AUDITOR, { accept: 'application/x-ndjson' })).text,
      JSON.stringify(served.service().logs),
    ];
    for (const text of texts)
      expect(text)
        .not.to.contain(served.hash())
        .and.not.to.contain(PASSWORD)
        .and.not.to.match(/\$2[aby]\$|eyJ/);
    expect(texts[0]).to.contain('{"field":"password","before":null,"after":"***"}');
  });
});
