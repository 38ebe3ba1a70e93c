import { expect } from 'chai';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import { runCli, startCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asCsv, asNdjson, memberList } from '../support/memberList.ts';
import { aUser, editOf } from '../support/people.ts';
import { startTestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { tokenOf } from '../support/tokens.ts';
import type { UserRecord } from '../../src/events/types.ts';

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

  it('takes in the good lines of a member list, reports the broken ones, and stores nothing a second time', async () => {
    const lines = asNdjson(memberList(2_000)).split('\n');
    const [first] = memberList(1);
    const broken = [
      '{"IdUsuario":',
      '[]',
      '{"IdUsuario":9001}',
      JSON.stringify({ ...first, IdUsuario: 9002 }),
    ];
    lines.splice(1_000, 0, ...broken);
    const path = file('members.ndjson', lines.join('\n'));
    const report = join(folder, 'errors.ndjson');

    const once = await load(path, '--errors', report);
    expect(once.code).to.equal(1);
    expect(once.stdout).to.contain('2004 lines: 2000 imported, 0 were in already, 4 failed');
    const reported = readFileSync(report, 'utf8').trim().split('\n');
    const told = reported.map((line) => JSON.parse(line) as { line: number; errors: string[] });
    expect(told.map(({ line }) => line).sort()).to.deep.equal([1001, 1002, 1003, 1004]);
    expect(told.find(({ line }) => line === 1003)?.errors).to.include('nombre is required');
    expect(told.find(({ line }) => line === 1004)?.errors).to.deep.equal(['dni is already in use']);
    expect(reported.join()).to.not.contain(String(first?.['dni']));

    const before = await events();
    const twice = await load(path);
    expect(twice.stdout).to.contain('2004 lines: 0 imported, 2000 were in already, 4 failed');
    expect(await events()).to.have.lengthOf(before.length);
    const [event] = before.filter(({ stream }) => stream === 'user-7');
    expect(event?.metadata.actor).to.deep.equal({ account: 'padron', role: 'system' });
  });

  it('reads CSV with semicolons and a byte order mark as the same members', async () => {
    const members = memberList(300);
    const csv = await load(file('members.csv', asCsv(members)));
    expect({ code: csv.code, stderr: csv.stderr }).to.deep.equal({ code: 0, stderr: '' });
    const ndjson = await load(file('members.ndjson', asNdjson(members)));
    expect(ndjson.stdout).to.contain('300 lines: 0 imported, 300 were in already, 0 failed');
  });

  it('checks every line and stores nothing with --dry-run', async () => {
    const path = file('members.ndjson', `${asNdjson(memberList(50))}{}\n`);
    const { code, stdout } = await load(path, '--dry-run');
    expect(code).to.equal(1);
    expect(stdout).to.contain('51 lines: 50 would be imported').and.contain('1 failed');
    expect(existsSync(dataDir)).to.equal(false);
  });

  it('tells persons by their members, and asks where it cannot tell', async () => {
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

  it('goes on where it was cut off by kill -9', async () => {
    const text = asNdjson(memberList(1_200));
    const cut = startCli(['import', '-'], { DATA_DIR: dataDir });
    cut.process.stdin?.write(text.slice(0, text.length / 2));
    await eventually('a part is stored', async () => (await registered()) >= 500, 15_000);
    cut.process.kill('SIGKILL');
    await cut.ended;
    const { code, stdout } = await load(file('members.ndjson', text));
    expect(code).to.equal(0);
    expect(stdout).to.match(/1200 lines: \d+ imported, [5-9]\d\d were in already, 0 failed/);
    expect(await registered()).to.equal(1_200);
  });

  it('works beside a running server: its lists show them, they can be edited, and their ids are kept', async () => {
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
