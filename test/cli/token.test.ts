import { expect } from 'chai';
import { runCli, type CliRun } from '../support/cli.ts';

const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+\n$/;

const tokenFor = (...role: string[]): Promise<CliRun> =>
  runCli(['token', '--sub', 'ana', ...role], { JWT_SECRET: 'a secret of this test alone' });

describe('padron token', () => {
  it('prints the token and nothing else for a role that there is, however it is spelled', async () => {
    for (const role of [
      ['--role', 'monitor'],
      ['--role', ' Administrador '],
      ['--email', 'ana@example.com'],
    ]) {
      const { code, stdout, stderr } = await tokenFor(...role);
      expect({ code, stderr }, role.join(' ')).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout).to.match(TOKEN);
    }
  });

  it('warns of a role that opens nothing, and prints the token all the same', async () => {
    const { code, stdout, stderr } = await tokenFor('--role', 'king');
    expect(code).to.equal(0);
    expect(stdout).to.match(TOKEN);
    expect(stderr).to.equal(
      'padron: no route is open to the role king; there are admin, asistente, monitor, auditor\n',
    );
  });
});
