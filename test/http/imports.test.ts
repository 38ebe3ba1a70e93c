import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asCsv, asNdjson, memberList, type MemberLine } from '../support/memberList.ts';
import { aUser } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';
import type { Answer } from '../support/client.ts';

interface ImportJob {
  id: string;
  kind: string;
  state: string;
  processed: number;
  share: number;
  error: string | null;
  import: { list: string; update: boolean; correlation: string; account: string; counts: Counts };
}

interface Counts {
  lines: number;
  imported: number;
  changed: number;
  unchanged: number;
  refused: number;
}

const token = tokenOf('admin', 'ana');
const CSV = { 'content-type': 'text/csv' };
const NDJSON = { 'content-type': 'application/x-ndjson' };

describe('POST /imports', () => {
  let folder: string;
  let service: TestService;

  beforeEach(async () => {
    folder = newFolder();
    service = await startTestService({ dataDir: folder });
  });
  afterEach(async () => {
    await service.stop();
    removeFolder(folder);
  });

  const post = (body: string | Buffer, query = '', headers: Record<string, string> = CSV): Promise<Answer> =>
    service.send('POST', `/imports${query}`, { token, body, headers });

  async function ended(answer: Answer): Promise<ImportJob> {
    expect(answer.status, JSON.stringify(answer.body)).to.equal(202);
    const { id } = answer.body as ImportJob;
    expect(answer.headers['location']).to.equal(`/imports/${id}`);
    return eventually(
      'the import ends',
      async () => {
        const job = (await service.send('GET', `/imports/${id}`, { token })).body as ImportJob;
        return job.state === 'running' ? null : job;
      },
      30_000,
    );
  }

  const uploads = (): string[] => {
    const place = join(folder, 'imports');
    return existsSync(place) ? readdirSync(place) : [];
  };

  const registered = async (): Promise<number> =>
    (await service.events()).filter(({ type }) => type === 'UserRegistered').length;

  it('stores each line once, as done by the account, with one correlation, and a second import stores nothing', async () => {
    const list = asCsv(memberList(25));
    const job = await ended(await post(list, '?reason=Moving+in'));
    expect(job).to.deep.include({ kind: 'import', state: 'done', processed: 25, share: 1, error: null });
    expect(job.import.counts).to.deep.include({ lines: 25, imported: 25, unchanged: 0, refused: 0 });
    const events = (await service.events()).filter(({ type }) => type === 'UserRegistered');
    expect(events).to.have.length(25);
    for (const { metadata } of events) {
      expect(metadata.actor).to.deep.equal({ account: 'ana', role: 'admin' });
      expect(metadata.$correlationId).to.equal(job.import.correlation);
      expect(metadata.reason).to.equal('Moving in');
    }
    const again = await ended(await post(list));
    expect(again.import.counts).to.deep.include({ imported: 0, unchanged: 25 });
    expect(await registered()).to.equal(25);
  });

  it('answers what the import would do when it is a dry run, and stores nothing', async () => {
    await aUser(service.service, { dni: '11111111H', cuota: 30 });
    const { IdUsuario } = (await service.send('GET', '/users/11111111H', { token })).body as {
      IdUsuario: number;
    };
    const list = `IdUsuario;cuota;email\n${IdUsuario};45,5;\n${IdUsuario};x;a@example.com\n`;
    const { answer, stored } = await service.storedBy(() => post(list, '?update=true&dryRun=true'));
    expect(answer.status).to.equal(200);
    const body = answer.body as { counts: Counts; refused: unknown[]; changes: unknown[] };
    expect(body.counts).to.deep.include({ lines: 2, changed: 0, refused: 2 });
    expect(stored).to.deep.equal([]);

    const whole = await post(`IdUsuario;cuota\n${IdUsuario};45,5\n`, '?update=true&dryRun=true');
    expect(whole.body).to.deep.include({ list: 'users', update: true, encoding: null, refused: [] });
    expect((whole.body as typeof body).changes).to.deep.equal([
      { line: 2, subject: `user-${IdUsuario}`, changes: [{ field: 'cuota', before: 30, after: 45.5 }] },
    ]);
    expect(uploads()).to.deep.equal([]);
  });

  it('edits existing people with update, and the second run edits no one', async () => {
    const members = memberList(10);
    await ended(await post(asCsv(members)));
    const changed = members.map((line, at): MemberLine => (at < 3 ? { ...line, cuota: 77 } : line));
    const first = await ended(await post(asCsv(changed), '?update=true&reason=Annual'));
    expect(first.import).to.deep.include({ list: 'users', update: true, account: 'ana' });
    expect(first.import.counts).to.deep.include({ changed: 3, unchanged: 7, imported: 0, refused: 0 });
    const second = await ended(await post(asCsv(changed), '?update=true'));
    expect(second.import.counts).to.deep.include({ changed: 0, unchanged: 10 });
    const edits = (await service.events()).filter(({ type }) => type === 'UserEdited');
    expect(edits.map(({ metadata }) => metadata.reason)).to.deep.equal(['Annual', 'Annual', 'Annual']);
  });

  it('reports each refused line by its number, without anything that it contains', async () => {
    const [one, two] = memberList(2) as [MemberLine, MemberLine];
    const job = await ended(await post(asNdjson([one, { ...two, email: 'secret-value' }]), '', NDJSON));
    expect(job.import.counts).to.deep.include({ lines: 2, imported: 1, refused: 1 });
    const report = await service.send('GET', `/imports/${job.id}/report`, { token });
    expect(report.body).to.deep.equal({
      total: 1,
      refused: [
        { line: 2, errors: ['email must be an email'], reasons: [{ code: 'email', member: 'email' }] },
      ],
    });
    expect(JSON.stringify([job, service.logLines])).not.to.include('secret-value');
  });

  it('names its own parameters in the advice of error texts', async () => {
    const list = asCsv(memberList(1).map((line) => ({ ...line, fechaalta: '15/03/2024' })));
    const { body } = await post(list, '?dryRun=true');
    expect((body as { refused: unknown }).refused).to.deep.equal([
      {
        line: 2,
        errors: ['fechaalta must be a date in the form YYYY-MM-DD: if it is day/month/year, say dates=dmy'],
        reasons: [{ code: 'date', member: 'fechaalta', hint: 'day-month-year' }],
      },
    ]);
    expect((await post(list, '?dates=dmy&dryRun=true')).body).to.deep.include({ refused: [] });
  });

  it('removes the list when the import has ended', async () => {
    await ended(await post(asCsv(memberList(5))));
    await eventually('the upload is removed', () => uploads().length === 0);
  });

  it('lists imports among the jobs too', async () => {
    const { id } = await ended(await post(asCsv(memberList(1))));
    for (const list of ['/imports', '/admin/jobs']) {
      const { jobs } = (await service.send('GET', list, { token })).body as { jobs: ImportJob[] };
      expect(jobs.map((job) => job.id)).to.include(id);
    }
    const metrics = (await service.send('GET', '/metrics')).body as string;
    expect(metrics).to.include('padron_import_lines_total{outcome="imported"} 1');
  });

  it('is for admins only', async () => {
    for (const role of ['monitor', 'asistente', 'auditor', 'dpo'] as const) {
      const own = { token: tokenOf(role), headers: CSV };
      expect((await service.send('POST', '/imports', { ...own, body: 'x' })).status).to.equal(403);
      expect((await service.send('GET', '/imports', own)).status).to.equal(403);
      expect((await service.send('GET', '/imports/import-v1-1', own)).status).to.equal(403);
      expect((await service.send('GET', '/imports/import-v1-1/report', own)).status).to.equal(403);
    }
    expect((await service.send('POST', '/imports', { headers: CSV, body: 'x' })).status).to.equal(401);
  });

  it('does not show other jobs as imports', async () => {
    const { id } = (await service.send('POST', '/admin/verify', { token })).body as { id: string };
    expect((await service.send('GET', `/imports/${id}`, { token })).status).to.equal(404);
    expect((await service.send('GET', `/imports/${id}/report`, { token })).status).to.equal(404);
    expect((await service.send('GET', '/imports', { token })).body).to.deep.equal({ jobs: [] });
  });
});
