import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import { runCli, startCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { amountOf, itLong } from '../support/long.ts';
import { asCsv, asNdjson, memberList } from '../support/memberList.ts';
import { aUser, editOf, personaBody } from '../support/people.ts';
import { startTestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { tokenOf } from '../support/tokens.ts';
import type { UserRecord } from '../../src/events/types.ts';

/** More than a few batches of 250 lines. */
const MEMBERS = amountOf('IMPORT_MEMBERS', { short: 1_000, long: 10_000 });

describe('padron import', () => {
  let folder: string;
  let dataDir: string;
  beforeEach(() => {
    folder = newFolder();
    dataDir = join(folder, 'data');
  });
  afterEach(() => {
    removeFolder(folder);
  });

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }
  const load = (...args: string[]): Promise<CliRun> => runCli(['import', ...args], { DATA_DIR: dataDir });
  async function events(): Promise<RecordedEvent[]> {
    const stores = await openStores(dataDir);
    try {
      return await stores.store.readAll(null, 1_000_000);
    } finally {
      await stores.close();
    }
  }
  const registered = async (): Promise<number> =>
    (await events()).filter(({ type }) => type === 'UserRegistered').length;

  it(`imports ${MEMBERS} members except for the broken lines; imported users can be edited over HTTP`, async function () {
    this.timeout(90_000);
    const members = memberList(MEMBERS);
    const [first] = members;
    const lines = asNdjson(members).split('\n');
    const broken = [
      '{"IdUsuario":',
      '[]',
      '{"IdUsuario":20001}',
      JSON.stringify({ ...first, IdUsuario: 20_002, dni: ` ${String(first?.['dni']).toLowerCase()}` }),
      JSON.stringify({ ...first, IdUsuario: 20_003, dni: 'X1', email: 'socio at example.com' }),
      JSON.stringify({ ...first, IdUsuario: 20_004, dni: 'X2', fechaalta: '2023-02-30' }),
    ];
    const half = MEMBERS / 2;
    lines.splice(half, 0, ...broken);
    const report = join(folder, 'errors.ndjson');

    const { code, stdout } = await load(file('members.ndjson', lines.join('\n')), '--errors', report);
    expect(code).to.equal(1);
    expect(stdout).to.contain(`${MEMBERS + 6} lines: ${MEMBERS} imported, 0 were already there, 6 failed`);
    const reported = readFileSync(report, 'utf8').trim();
    const told = reported.split('\n').map((line) => JSON.parse(line) as { line: number; errors: string[] });
    const errorsOf = (wanted: number): string[] | undefined =>
      told.find(({ line }) => line - half === wanted)?.errors;
    expect(told.map(({ line }) => line - half).sort()).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(errorsOf(3)).to.include('nombre is required');
    expect(errorsOf(4)).to.deep.equal(['dni is already in use']);
    expect(errorsOf(5)).to.deep.equal(['email must be an email']);
    expect(errorsOf(6)?.join()).to.contain('fechaalta');
    expect(reported).to.not.contain(String(first?.['dni']));

    const running = await startTestService({ dataDir });
    try {
      const stored = await running.events();
      for (const id of [1, 2, 3, 4, 5, half, half + 1, MEMBERS]) {
        const imported = stored.find(({ stream }) => stream === `user-${id}`)?.data as UserRecord;
        const body = editOf(imported, { telefono: '600111222' });
        const edit = await running.send('POST', '/users/edit', { token: tokenOf('admin'), body });
        expect(edit.body).to.deep.equal({ ...imported, telefono: '600111222' });
      }
    } finally {
      await running.stop();
    }
  });

  it('stores nothing when the same file is imported again', async () => {
    const path = file('members.ndjson', `${asNdjson(memberList(600))}[]\n`);
    expect((await load(path)).stdout).to.contain('601 lines: 600 imported, 0 were already there, 1 failed');
    const before = await events();
    expect((await load(path)).stdout).to.contain('601 lines: 0 imported, 600 were already there, 1 failed');
    expect(await events()).to.have.lengthOf(before.length);
    const [event] = before.filter(({ stream }) => stream === 'user-7');
    expect(event?.metadata.actor).to.deep.equal({ account: 'padron', role: 'system' });
  });

  it('reads the same members from CSV with semicolons and a byte order mark', async () => {
    const members = memberList(300);
    const csv = await load(file('members.csv', asCsv(members)));
    expect({ code: csv.code, stderr: csv.stderr }).to.deep.equal({ code: 0, stderr: '' });
    const ndjson = await load(file('members.ndjson', asNdjson(members)));
    expect(ndjson.stdout).to.contain('300 lines: 0 imported, 300 were already there, 0 failed');
  });

  it('says "1 line" in the singular', async () => {
    const path = file('one.ndjson', asNdjson(memberList(1)));
    expect((await load(path)).stdout).to.match(/^1 line: 1 imported, 0 were already there, 0 failed\n/);
    expect((await load(path)).stdout).to.equal('1 line: 0 imported, 1 was already there, 0 failed\n');
  });

  it('names the correlation by which the wrong list of users leaves the roll again', async () => {
    const { stdout } = await load(file('wrong.ndjson', asNdjson(memberList(3))));
    // As they stand: they are there to be pasted.
    const hints = [...stdout.matchAll(/npx padron ((?:history|undo)(?: [\w-]+)*? \w+-[\w-]+)/g)];
    expect(hints.map(([, command = '']) => command.split(' ')[0])).to.deep.equal(['history', 'undo']);
    for (const [, command = ''] of hints) {
      const { code, stderr } = await runCli(command.split(' '), { DATA_DIR: dataDir });
      expect({ code, stderr }, command).to.deep.equal({ code: 0, stderr: '' });
    }
    expect((await events()).filter(({ type }) => type === 'UserRemoved')).to.have.lengthOf(3);
  });

  it('offers no undo of a list of persons, who stay', async () => {
    const { stdout } = await load(file('people.ndjson', JSON.stringify({ id: 5, ...personaBody() })));
    expect(stdout)
      .to.contain('1 imported')
      .and.match(/^correlation [\w-]+: npx padron history/m);
    expect(stdout).to.not.contain('undo');
  });

  it('offers the undo of the edits in an update that registered persons, too', async () => {
    const person = { id: 5, ...personaBody() };
    await load(file('people.ndjson', JSON.stringify(person)));
    const other = { id: 6, ...personaBody({ dni: '99999999X', cuenta: 'new' }) };
    const both = file('both.ndjson', asNdjson([{ ...person, telefono: '600' }, other]));
    const { stdout } = await load(both, '--update');
    expect(stdout).to.match(/^correlation ([\w-]+): .*, npx padron undo \1 takes its other changes back$/m);
  });

  it('explains how to say which decimal separator a CSV file has', async () => {
    const [member = {}] = memberList(1);
    const csv = asCsv([{ ...member, direccion: 'Calle Sol 5', cuota: '12,5' }]).replaceAll(';', '\t');
    const { code, stderr } = await load(file('one.csv', csv), '--dry-run');
    expect(code).to.equal(1);
    expect(stderr).to.match(
      /^line 2: cuota must be a number: decimals have a point, as in 12\.5; --decimal /,
    );
  });

  it('reports each failed line with its number and errors, as its help says', async () => {
    const report = join(folder, 'errors.ndjson');
    await load(file('broken.ndjson', '\n[]\n'), '--dry-run', '--errors', report);
    expect(readFileSync(report, 'utf8')).to.equal('{"line":2,"errors":["is not a JSON object"]}\n');
    const { stdout } = await load('--help');
    expect(stdout.replace(/\s+/g, ' ')).to.contain('the number and the errors of each line that failed');
  });

  it('with --dry-run, checks every line and stores nothing', async () => {
    const path = file('members.ndjson', `${asNdjson(memberList(50))}{}\n`);
    const { code, stdout } = await load(path, '--dry-run');
    expect(code).to.equal(1);
    expect(stdout).to.contain('51 lines: 50 would be imported').and.contain('1 failed');
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('recognises a file of persons by its columns, and asks if it cannot', async () => {
    const personas = [1, 2].map((id) => ({
      id,
      nombres: 'Ana',
      apellidos: 'Gil',
      dni: `P${id}`,
      created_at: '2020-01-01T00:00:00Z',
    }));
    const known = await load(file('personas.jsonl', asNdjson(personas)));
    expect(known.stdout).to.contain('2 lines: 2 imported');
    expect((await load(file('what.ndjson', '{"a":1}\n'))).code).to.equal(2);
  });

  itLong('continues after a kill -9', async () => {
    const text = asNdjson(memberList(2_400));
    const cut = startCli(['import', '-'], { DATA_DIR: dataDir });
    cut.process.stdin?.write(text.slice(0, text.length / 2));
    await eventually('a part is stored', async () => (await registered()) >= 1_000, 15_000);
    cut.process.kill('SIGKILL');
    await cut.ended;
    const { code, stdout } = await load(file('members.ndjson', text));
    expect(code).to.equal(0);
    expect(stdout).to.match(/2400 lines: \d+ imported, 1\d\d\d were already there, 0 failed/);
    expect(await registered()).to.equal(2_400);
  });

  it('works next to a running server, which lists the imported users, edits them and never reuses their ids', async () => {
    const running = await startTestService({ dataDir });
    try {
      await load(file('members.ndjson', asNdjson(memberList(300, { firstId: 100 }))));
      const token = tokenOf('admin');
      await eventually('the list shows the last one', async () => {
        const { body } = await running.send('GET', '/users?q=socio399@example', { token });
        return (body as { users: object[] }).users.length === 1;
      });
      const imported = (await running.events()).find(({ stream }) => stream === 'user-250')
        ?.data as UserRecord;
      const body = editOf(imported, { cuota: 77 });
      const edit = await running.send('POST', '/users/edit', { token, body });
      expect(edit.body).to.deep.equal({ ...imported, cuota: 77 });
      expect((await aUser(running.service)).IdUsuario).to.equal(400);
    } finally {
      await running.stop();
    }
  });
});
