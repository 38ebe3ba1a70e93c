import { expect } from 'chai';
import { ADMIN, AUDITOR } from './support/service.ts';
import { servedHistory } from './support/servedHistory.ts';

describe('Exports and past states over HTTP', () => {
  const { get } = servedHistory();

  it('exports everything as NDJSON, regardless of the limit', async () => {
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

  it('refuses an Accept of more than 1,000 characters, whatever it names (406)', async () => {
    const accept = 'application/json'.padEnd(998, ' ').concat(',a');
    expect((await get('/audit', AUDITOR, { accept })).status).to.equal(200);
    for (const path of [
      '/audit',
      '/users?at=2020-01-01',
      '/api/personas/changes?from=2020-01-01&to=2020-01-02',
    ]) {
      expect((await get(path, ADMIN, { accept: `${accept},` })).status, path).to.equal(406);
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

  it('reports why there is no record at an instant', async () => {
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
