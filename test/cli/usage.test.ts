import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, removeFolder } from '../support/folder.ts';
import { runCli } from '../support/cli.ts';

describe('The command line', () => {
  let folder: string;
  before(() => {
    folder = newFolder();
  });
  after(() => {
    removeFolder(folder);
  });

  it('explains each command with --help', async () => {
    const commands = ['serve', 'token', 'import', 'doctor'];
    const helps = await Promise.all(commands.map((command) => runCli([command, '--help'])));
    helps.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.contain(`Usage: padron ${commands[index] as string}`);
    });
  });

  it('rejects invalid arguments with exit code 2 and prints nothing on standard output', async () => {
    const calls = [
      ['nonsense'],
      ['token', '--sub', 'ana'],
      ['import', join(folder, 'missing.csv')],
      ['import', 'x', '--kind', 'animals'],
    ];
    const runs = await Promise.all(calls.map((call) => runCli(call, { DATA_DIR: join(folder, 'data') })));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stdout }, calls[index]?.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.not.equal('')
        .and.not.match(/ {4}at /);
    });
  });

  it('never creates the data that it should read: a mistyped DATA_DIR is reported with exit code 2', async () => {
    const DATA_DIR = join(folder, 'mistyped');
    const calls = [['history', '5'], ['projections'], ['projections', 'jobs'], ['rebuild', 'users']];
    const runs = await Promise.all(calls.map((call) => runCli(call, { DATA_DIR })));
    runs.forEach(({ code, stdout, stderr }, index) => {
      expect({ code, stdout }, calls[index]?.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.contain(`there is no padron data in ${DATA_DIR}`)
        .and.to.contain('set DATA_DIR to the folder');
    });
    expect(existsSync(DATA_DIR)).to.equal(false);
  });

  it('names every error in the configuration at once, with exit code 2, and changes nothing', async () => {
    const DATA_DIR = join(folder, 'untouched');
    const { code, stderr } = await runCli(['serve'], {
      DATA_DIR,
      PORT: 'x',
      LOG_LEVEL: 'loud',
      JWKS_URI: 'nowhere',
    });
    expect(code).to.equal(2);
    for (const name of ['PORT', 'LOG_LEVEL', 'JWKS_URI']) expect(stderr).to.contain(name);
    expect(existsSync(DATA_DIR)).to.equal(false);
  });

  it('refuses to serve in production without a secret (exit code 2)', async () => {
    const DATA_DIR = join(folder, 'untouched');
    const { code, stderr } = await runCli(['serve'], { DATA_DIR, NODE_ENV: 'production' });
    expect(code).to.equal(2);
    expect(stderr).to.contain('JWT_SECRET or JWKS_URI must be set');
    expect(existsSync(DATA_DIR)).to.equal(false);
  });
});
