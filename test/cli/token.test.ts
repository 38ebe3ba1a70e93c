import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, removeFolder } from '../support/folder.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { someOf } from '../support/long.ts';

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+\n$/;

const tokenFor = (...role: string[]): Promise<CliRun> =>
  runCli(['token', '--sub', 'ana', ...role], { JWT_SECRET: 'a secret of this test alone' });

describe('padron token', () => {
  it('prints only the token for a known role, in any spelling', async () => {
    for (const role of someOf(2, [
      ['--role', ' Administrador '],
      ['--email', 'ana@example.com'],
      ['--role', 'monitor'],
    ])) {
      const { code, stdout, stderr } = await tokenFor(...role);
      expect({ code, stderr }, role.join(' ')).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(TOKEN);
    }
  });

  it('warns about a role without any rights, and still prints the token', async () => {
    const { code, stdout, stderr } = await tokenFor('--role', 'king');
    expect(code).to.equal(0);
    expect(stdout).to.match(TOKEN);
    expect(stderr).to.equal(
      'padron: no route is open to the role king; the roles are admin, asistente, monitor, auditor, dpo\n',
    );
  });

  it('refuses an account or an e-mail without a text, which no server accepts (exit code 2)', async () => {
    for (const [reason, ...call] of [
      ['--sub must name an account', '--sub', '', '--role', 'admin'],
      ["argument '' is invalid. It should not be empty.", '--sub', '15', '--email', ''],
    ] as const) {
      const run = await runCli(['token', ...call], { JWT_SECRET: 'a secret of this test alone' });
      expect({ code: run.code, stdout: run.stdout }, call.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(run.stderr).to.contain(reason);
    }
  });

  it('without a secret, creates nothing and says what to do (exit code 2)', async () => {
    const folder = newFolder();
    const DATA_DIR = join(folder, 'mistyped');
    const { code, stdout, stderr } = await runCli(['token', '--sub', 'ana', '--role', 'admin'], { DATA_DIR });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.contain('there is no secret in DATA_DIR').and.to.contain('npm start');
    expect(existsSync(DATA_DIR)).to.equal(false);
    removeFolder(folder);
  });
});
