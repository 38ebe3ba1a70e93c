import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { endOf, runCli, startCli, urlOf, type CliRun, type RunningCli } from '../support/cli.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';
import { itLong } from '../support/long.ts';
import { programArgs } from '../support/program.ts';

interface Exported {
  subject: string;
  record: Record<string, unknown>;
  changes: { type: string; role: string }[];
}

describe('padron export and docs/how-to/export-a-person.md', function () {
  this.timeout(120_000);
  let folder: string;
  let server: RunningCli;
  let environment: Record<string, string>;
  const padron = (...args: string[]): Promise<CliRun> => runCli(args, environment);

  before(async () => {
    folder = newFolder();
    environment = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'error' };
    server = startCli(['serve'], environment);
    environment = { ...environment, URL: await urlOf(server) };
  });
  after(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    removeFolder(folder);
  });

  itLong('does what the page says', async () => {
    const { printed, err } = await howTo('export-a-person').run(folder, environment);
    expect(err).to.equal('');
    const [own = '', others = ''] = printed;
    expect(JSON.parse(own)).to.include({ subject: 'persona-5' });
    const [json = '', csv = ''] = others.split('\uFEFF');
    expect((JSON.parse(json) as Exported).record).to.include({ dni: '45678912C', password: '***' });
    expect(csv).to.match(/^part;revision;type;at;role;/);
    const file = join(folder, 'persona-5.csv');
    expect(readFileSync(file, 'utf8')).to.contain('PersonaRegistered');
    expect(statSync(file).mode & 0o077).to.equal(0);
  });

  it('prints the same as the server answers, and overwrites no file', async () => {
    const { code, stdout } = await padron('export', 'user-15');
    expect(code).to.equal(0);
    const { subject, record, changes } = JSON.parse(stdout) as Exported;
    expect(subject).to.equal('user-15');
    expect(record).to.include({ IdUsuario: 15, password: '***' });
    expect(changes.map(({ type, role }) => [type, role])).to.deep.equal([
      ['UserRegistered', 'system'],
      ['UserEdited', 'monitor'],
      ['UserEdited', 'monitor'],
      ['UserEdited', 'monitor'],
      ['UserEdited', 'admin'],
    ]);
    const file = join(folder, 'user-15.json');
    expect(await padron('export', 'user-15', '--output', file)).to.include({ code: 0, stdout: '' });
    const again = await padron('export', 'user-15', '--output', file);
    expect(again).to.include({ code: 2, stderr: `padron: ${file} cannot be written: EEXIST\n` });
  });

  it('names the file that cannot be written to its end, and leaves no part of it', async () => {
    const file = join(folder, 'user-15-cut.json');
    const call = [process.execPath, ...programArgs(), 'export', 'user-15', '--output', file];
    const cut = spawn('sh', ['-c', 'ulimit -f 0; exec "$@"', '-', ...call], {
      env: { ...environment, PATH: process.env['PATH'] },
    });
    expect(await endOf(cut)).to.include({ code: 1, stderr: `padron: ${file} cannot be written: EFBIG\n` });
    expect(existsSync(file)).to.equal(false);
  });

  it('is exit code 1 about somebody who does not exist', async () => {
    expect(await padron('export', 'user-999')).to.include({
      code: 1,
      stderr: 'padron: no such person or user\n',
    });
  });
});
