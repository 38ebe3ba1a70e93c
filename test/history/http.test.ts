import { tokenWith } from '../support/tokens.ts';
import { expect } from 'chai';
import { signToken } from '../../src/cli/output/signedTokens.ts';
import { registerUser } from '../../src/commands/registerUser.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { HistoryEntry } from '../../src/projections/views/history.ts';
import { SOCIA } from '../support/people.ts';
import { request } from './support/people.ts';
import {
  ADMIN,
  aPersona,
  AUDITOR,
  MONITOR,
  seeing,
  startTestService,
  type Answer,
  type TestService,
} from './support/service.ts';

const ANA = { sub: 'ana', role: 'asistente' };
const PASSWORD = 'correct horse';

describe('The history over HTTP', () => {
  let service: TestService;
  /** The answer to the last write of the setting: what is read after it shows all of it. */
  let last: Answer;
  let hash: string;

  // Persons 1 (Ana) and 2, user 1 (María) with two edits: 6 entries. No test of this block writes.
  before(async () => {
    service = await startTestService();
    await service.request('POST', '/api/personas', { body: aPersona });
    await service.request('POST', '/api/personas', { body: { ...aPersona, dni: '2', cuenta: 'eva' } });
    await service.request('PUT', '/api/personas/me', {
      as: ANA,
      body: { telefono: '=1+1', nombres: 'Ána' },
      headers: { 'x-correlation-id': 'corr-1' },
    });
    hash = (await service.request('POST', '/users', { body: { ...SOCIA, password: PASSWORD } })).body
      .password;
    await service.request('POST', '/users/edit', { as: MONITOR, body: { ...SOCIA, cuota: 30 } });
    last = await service.request('POST', '/users/edit', { body: { ...SOCIA, cuota: 45, CP: '46002' } });
    expect(last.status).to.equal(200);
  });

  after(() => service.close());

  const get = (path: string, as = ADMIN, headers: Record<string, string> = {}): Promise<Answer> =>
    service.request('GET', path, { as, headers: { ...seeing(last), ...headers } });
  const told = ({ body }: Answer): string[] =>
    body.entries.map(({ subject, revision }) => `${subject}@${revision}`);

  it('shows everything to an auditor, newest first', async () => {
    const answer = await get('/audit', AUDITOR);
    expect(answer.status).to.equal(200);
    expect(told(answer)).to.deep.equal([
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
      expect(told(await get(`/audit?${question}`, AUDITOR))).to.deep.equal(wanted);
    });
  }

  it('includes `from` and excludes `to`', async () => {
    const { at } = (await get('/users/45678912C/history?type=UserRegistered')).body
      .entries[0] as HistoryEntry;
    expect(told(await get(`/audit?from=${at}&to=${at}`))).to.deep.equal([]);
    expect(told(await get(`/audit?from=${at}&order=asc`))[0]).to.equal('user-1@0');
    expect(told(await get(`/audit?to=${at}`))[0]).to.equal('persona-1@1');
  });

  it('can be paged by its cursor and by its link', async () => {
    const walked: string[] = [];
    for (let path = '/audit?limit=2&order=asc', pages = 1; ; pages += 1) {
      const page = await get(path);
      walked.push(...told(page));
      const link = /^<([^>]+)>; rel="next"$/.exec(page.headers.get('link') ?? '')?.[1];
      expect(link === undefined).to.equal(page.body.next === null);
      if (link === undefined) {
        expect(pages).to.equal(3);
        break;
      }
      expect(new URL(link, service.url).searchParams.get('cursor')).to.equal(page.body.next);
      path = link;
    }
    expect(walked).to.deep.equal(told(await get('/audit?order=asc')));
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
    expect(told(mine)).to.deep.equal(['persona-1@1', 'persona-1@0']);
    expect(told(await get('/api/personas/me/history?subject=persona-2', ANA))).to.deep.equal([]);
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
      expect((await service.request('GET', path, { as: null })).status).to.equal(401);
    }
    for (const role of ['monitor', 'auditor', 'asistente']) {
      const revert = { as: { sub: 'x', role }, body: { revision: 0, reason: 'r' } };
      expect((await service.request('POST', '/users/45678912C/revert', revert)).status).to.equal(403);
      expect((await service.request('POST', '/api/personas/1/revert', revert)).status).to.equal(403);
    }
  });

  it('logs one line per read of another person’s history: account, subject and the names of the filters', async () => {
    service.logs.length = 0;
    await get('/users/45678912C/history?field=cuota&q=secret-word&limit=1', MONITOR);
    await get('/audit?actor=ana', AUDITOR);
    await get('/api/personas/1?revision=0');
    await get('/api/personas/2/diff?from=0&to=0');
    await get('/api/personas/me/history', ANA);
    await get('/api/personas/1/history', { sub: 'ana', role: 'admin' });
    await get('/audit?actor=');
    await get('/users/nobody/history');
    const lines = service.logs.filter(({ msg }) => msg === 'history read');
    expect(lines.map(({ account, subject, filters }) => ({ account, subject, filters }))).to.deep.equal([
      { account: 'mo', subject: 'user-1', filters: ['field', 'q'] },
      { account: 'audrey', subject: null, filters: ['actor'] },
      { account: 'ada', subject: 'persona-1', filters: ['revision'] },
      { account: 'ada', subject: 'persona-2', filters: ['from', 'to'] },
    ]);
    expect(JSON.stringify(service.logs)).not.to.match(/secret-word|45678912C|cuota=/);
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
      JSON.stringify(service.logs),
    ];
    for (const text of texts)
      expect(text)
        .not.to.contain(hash)
        .and.not.to.contain(PASSWORD)
        .and.not.to.match(/\$2[aby]\$|eyJ/);
    expect(texts[0]).to.contain('{"field":"password","before":null,"after":"***"}');
  });

  it('exports everything as NDJSON, whatever the limit', async () => {
    const answer = await get('/audit?limit=1&order=asc', AUDITOR, { accept: 'application/x-ndjson' });
    expect(answer.headers.get('content-type')).to.equal('application/x-ndjson; charset=utf-8');
    const entries = answer.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(entries).to.deep.equal((await get('/audit?order=asc', AUDITOR)).body.entries);
  });

  it('exports CSV that spreadsheets open correctly', async () => {
    const answer = await get('/api/personas/1/history', ADMIN, { accept: 'text/csv' });
    expect(answer.headers.get('content-type')).to.equal('text/csv; charset=utf-8; header=present');
    expect(answer.headers.get('content-disposition')).to.equal('attachment; filename="history.csv"');
    expect(answer.text.startsWith('\uFEFFposition,')).to.equal(true);
    expect(answer.text)
      .to.contain(",telefono,'+34600111222,'=1+1\r\n")
      .and.to.contain(',nombres,Ana,Ána\r\n');
  });

  it('exports CSV with the separator and header that Accept asks for', async () => {
    const head = async (accept: string): Promise<[number, string | null, string]> => {
      const { status, headers, text } = await get('/api/personas/1/history', ADMIN, { accept });
      return [status, headers.get('content-type'), text.slice(1, 18)];
    };
    const type = 'text/csv; charset=utf-8; header=present';
    const named = 'position,subject,';
    expect(await head('text/csv; separator=semicolon')).to.deep.equal([
      200,
      `${type}; separator=semicolon`,
      'position;subject;',
    ]);
    expect(await head('Text/CSV;Separator=TAB;charset=UTF-8')).to.deep.equal([
      200,
      `${type}; separator=tab`,
      'position\tsubject\t',
    ]);
    expect(await head('text/csv;header=present')).to.deep.equal([200, type, named]);
    expect(await head('text/csv;charset=utf-8, */*;q=0.1')).to.deep.equal([200, type, named]);
    expect((await head('text/csv; separator=semicolon; decimal=point'))[1]).to.equal(
      `${type}; separator=semicolon; decimal=point`,
    );
    const [status, bare, text] = await head('text/csv; separator=bar; header=absent');
    expect([status, bare]).to.deep.equal([200, 'text/csv; charset=utf-8; header=absent; separator=bar']);
    expect(text).to.match(/^\d+\|persona-1\|/);
    for (const accept of ['text/csv; separator=x', 'text/csv; charset=latin1', 'application/x-ndjson; a=1']) {
      expect((await head(accept))[0], accept).to.equal(406);
    }
  });

  it('prefers JSON if anything is accepted', async () => {
    for (const accept of ['*/*', 'application/json, text/csv;q=0.5', 'image/png']) {
      const answer = await get('/audit', AUDITOR, { accept });
      expect(answer.headers.get('content-type'), accept).to.match(/^application\/json/);
      expect(answer.headers.get('vary')).to.match(/accept/i);
    }
  });

  it('answers 404 for a subject that never existed', async () => {
    expect((await get('/api/personas/99/history')).body).to.deep.equal({ message: 'Persona no encontrada' });
    expect((await get('/api/personas/x/history')).status).to.equal(404);
    expect((await get('/users/nobody/history')).body).to.deep.equal({
      message: 'User not found',
      error: 'Not Found',
      statusCode: 404,
    });
    expect((await get('/users/-/history')).status).to.equal(400);
  });

  it('returns each subject as of a revision and as of an instant', async () => {
    expect((await get('/api/personas/1?revision=0')).body).to.include({
      nombres: 'Ana',
      telefono: '+34600111222',
    });
    const [, edited] = (await get('/users/45678912C/history')).body.entries;
    const then = await get(`/users/4567-8912c?at=${edited!.at}`);
    expect(then.body)
      .to.include({ cuota: 30, CP: '46001' })
      .and.not.to.have.any.keys('password', 'verificationCode');
    expect(then.headers.get('etag')).to.equal('"1.1"');
  });

  it('says why there is nothing at an instant', async () => {
    expect((await get('/api/personas/1?at=2020-01-01T00:00:00Z')).body).to.deep.equal({
      message: 'Persona no encontrada',
      errors: [{ path: '/at', message: 'es anterior al primer evento' }],
    });
    expect((await get('/users/45678912C?revision=3')).body).to.deep.equal({
      message: 'User not found: revision lies beyond the last revision',
      error: 'Not Found',
      statusCode: 404,
    });
    for (const query of [
      'at=x',
      'revision=-1',
      'revision=0&at=2024-01-01T00:00:00Z',
      'revision=1&revision=2',
    ]) {
      expect((await get(`/api/personas/1?${query}`)).status, query).to.equal(400);
    }
  });

  it('returns the differences between two revisions, in both directions', async () => {
    const changes = [
      { field: 'CP', before: '46001', after: '46002' },
      { field: 'cuota', before: 25, after: 45 },
    ];
    const forwards = (await get('/users/45678912C/diff?from=0&to=2')).body;
    expect(forwards).to.include({ from: 0, to: 2 });
    expect(forwards.changes).to.have.deep.members(changes);
    const backwards = (await get('/users/45678912C/diff?from=2&to=0')).body;
    expect(backwards.changes).to.have.deep.members(
      changes.map(({ field, before, after }) => ({ field, before: after, after: before })),
    );
    expect((await get('/users/45678912C/diff?from=0&to=9')).status).to.equal(404);
    expect((await get('/users/45678912C/diff')).body.message).to.deep.equal([
      'from is required',
      'to is required',
    ]);
  });

  it('is described in /openapi.json', async () => {
    const { paths } = (await get('/openapi.json')).body;
    const audit = paths['/audit']!.get;
    expect(Object.keys(audit.responses['200']!.content)).to.deep.equal([
      'application/json',
      'application/x-ndjson',
      'text/csv',
    ]);
    expect(audit.parameters.map(({ name }: { name: string }) => name)).to.include.members([
      'type',
      'from',
      'cursor',
    ]);
    expect(paths).to.include.all.keys(
      '/api/personas/{id}/revert',
      '/users/{dni}/diff',
      '/api/personas/me/history',
    );
  });
});

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

describe('An export that is not read to its end', () => {
  it('stops reading the history when the client disconnects, and not before', async () => {
    let finds = 0;
    const json = JSON.stringify({ padding: 'x'.repeat(5_000), changes: [] });
    const service = await startTestService({
      clock: systemClock,
      readModelIn: async (folder) => {
        const readModel = openSqliteReadModel({ folder });
        return {
          ...readModel,
          shownRows: (view) => ({
            ...readModel.shownRows(view),
            checkpoint: async () => ({ position: 1n, event: null }),
            // A history without end.
            find: async ({ limit }) => {
              finds += 1;
              const row = { position: 1n, at: 1, json };
              return { rows: Array.from({ length: limit }, () => row), next: row };
            },
          }),
        };
      },
    });
    try {
      const token = signToken({ ...ADMIN, secret: 'a secret for tests only, of some length', ttl: '1h' });
      const aborting = new AbortController();
      const response = await fetch(`${service.url}/audit`, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/x-ndjson' },
        signal: aborting.signal,
      });
      const reader = response.body!.getReader();
      await reader.read();
      // Nobody reads on: the buffers fill, and then the history is not read any further.
      const stalled = await settled(() => finds);
      expect(stalled).to.be.below(2_000);
      await reader.read();
      aborting.abort();
      const ended = await settled(() => finds);
      expect(await settled(() => finds)).to.equal(ended);
    } finally {
      await service.close();
    }
  });

  it('is cut off and logged when the read model fails, so that a part is not mistaken for the whole', async () => {
    let finds = 0;
    const service = await startTestService({
      readModelIn: async (folder) => {
        const readModel = openSqliteReadModel({ folder });
        return {
          ...readModel,
          shownRows: (view) => ({
            ...readModel.shownRows(view),
            checkpoint: async () => ({ position: 1n, event: null }),
            find: async () => {
              finds += 1;
              if (finds > 2) throw new ReadModelError('gone');
              const row = { position: 1n, at: 1, json: '{}' };
              return { rows: [row], next: row };
            },
          }),
        };
      },
    });
    try {
      const failed = await service
        .request('GET', '/audit', { headers: { accept: 'application/x-ndjson' } })
        .then(
          () => null,
          (error: unknown) => error,
        );
      expect(failed).to.be.an.instanceOf(Error);
      expect(service.logs.find(({ msg }) => msg === 'export aborted')).to.include({
        route: '/audit',
        reason: 'ReadModelError',
      });
      // Before the first piece it is an answer like any other.
      const early = await service.request('GET', '/audit', { headers: { accept: 'text/csv' } });
      expect(early.status).to.equal(503);
    } finally {
      await service.close();
    }
  });

  it('is cut off once the caller has lost the role that the export began with', async () => {
    let finds = 0;
    let demote = async (): Promise<unknown> => null;
    const service = await startTestService({
      readModelIn: async (folder) => {
        const readModel = openSqliteReadModel({ folder });
        return {
          ...readModel,
          shownRows: (view) => ({
            ...readModel.shownRows(view),
            checkpoint: async () => ({ position: 1n, event: null }),
            // A history without end.
            find: async () => {
              finds += 1;
              if (finds === 3) await demote();
              const row = { position: 1n, at: 1, json: '{}' };
              return { rows: [row], next: row };
            },
          }),
        };
      },
    });
    try {
      const auditor = { ...SOCIA, categoria: 'auditor' };
      const { body } = await service.request('POST', '/users', { body: { ...auditor, password: PASSWORD } });
      demote = () => service.request('POST', '/users/edit', { body: { ...SOCIA, categoria: 'socio' } });
      const claims = { sub: (body as unknown as { IdUsuario: number }).IdUsuario, email: SOCIA.email };
      const answer = await fetch(`${service.url}/audit`, {
        headers: {
          authorization: `Bearer ${tokenWith(claims, { secret: service.secret, expiresIn: '1h' })}`,
          accept: 'application/x-ndjson',
        },
      });
      expect(answer.status).to.equal(200);
      const failed: unknown = await answer.text().then(
        () => null,
        (error: unknown) => error,
      );
      expect(failed).to.be.an.instanceOf(Error);
      expect(service.logs.find(({ msg }) => msg === 'export aborted')).to.include({ route: '/audit' });
    } finally {
      await service.close();
    }
  });
});

/** The number once it has stood still for some turns of the event loop. */
async function settled(read: () => number): Promise<number> {
  for (let [seen, still] = [read(), 0]; ;) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const now = read();
    still = now === seen ? still + 1 : 0;
    seen = now;
    if (still >= 10) return seen;
  }
}
