import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, statSync, writeSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect, type Client } from '../support/client.ts';
import { runCli, startCli, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong } from '../support/long.ts';
import { freePort } from '../support/port.ts';
import { NOW } from '../support/decisions.ts';
import { tokenOf, SECRET } from '../support/tokens.ts';

/** Loaded into the server: reports on standard error each time that it reads the console's page. */
const COUNT_PAGE_READS = encodeURIComponent(`
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const read = fs.readFileSync;
  fs.readFileSync = (file, ...rest) => {
    if (String(file).endsWith('console/index.html')) process.stderr.write('page read\\n');
    return read(file, ...rest);
  };
  syncBuiltinESMExports();
`);

describe('padron serve', () => {
  let folder: string;
  let serving: RunningCli[];

  beforeEach(() => {
    folder = newFolder();
    serving = [];
  });
  afterEach(async () => {
    for (const { process: child, ended } of serving) {
      child.kill('SIGKILL');
      await ended;
    }
    removeFolder(folder);
  });

  const environment = (more: Record<string, string> = {}) => ({ DATA_DIR: folder, PORT: '0', ...more });

  async function serve(more: Record<string, string> = {}): Promise<{ cli: RunningCli; url: string }> {
    const cli = startCli(['serve'], environment(more));
    serving.push(cli);
    const url = await eventually(
      'the server listens and is ready',
      () => {
        const { stdout, stderr } = cli.output;
        if (cli.process.exitCode !== null) throw new Error(`ended: ${stdout}${stderr}`);
        return stdout.includes('"msg":"ready"') && /"url":"([^"]+)"/.exec(stdout)?.[1];
      },
      60_000,
    );
    return { cli, url };
  }

  /** For a server whose output cannot be read. */
  async function expectToAnswerAndEnd(cli: RunningCli, port: string): Promise<void> {
    await eventually('it is ready', async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch(() => null);
      return answer?.status === 200;
    });
    cli.process.kill('SIGTERM');
    const { code, stderr } = await cli.ended;
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
  }

  it('loads the files of the console once, however often its routes are made', async () => {
    const { cli, url } = await serve({ NODE_OPTIONS: `--import data:text/javascript,${COUNT_PAGE_READS}` });
    expect((await fetch(`${url}/console`)).status).to.equal(200);
    cli.process.kill('SIGTERM');
    const { stderr } = await cli.ended;
    expect(stderr.match(/page read/g)).to.deep.equal(['page read']);
  });

  it('in development mode, registers demo people, makes a private secret and prints curl commands; padron token makes tokens for it', async () => {
    const { cli, url } = await serve();
    expect(statSync(join(folder, 'jwt-secret')).mode & 0o777).to.equal(0o600);
    expect(cli.output.stdout).to.contain(`curl -X PUT ${url}/api/personas/me`);
    const { code, stdout, stderr } = await runCli(
      ['token', '--sub', 'maria', '--role', 'asistente'],
      environment(),
    );
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.match(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    const client = await connect(url);
    const body = { telefono: '+9876543210', foto_url: 'https://example.com/new-photo.jpg' };
    const put = await client.send('PUT', '/api/personas/me', { token: stdout.trim(), body });
    client.close();
    expect(put.body).to.deep.equal({
      id: 5,
      nombres: 'María',
      apellidos: 'González',
      telefono: '+9876543210',
      dni: '12345678',
      foto_url: 'https://example.com/new-photo.jpg',
      created_at: '2024-03-01T08:00:00.000Z',
    });
  });

  itLong('prints curl commands that work when pasted, whatever claims tokens need', async () => {
    const { cli } = await serve({ JWT_ISSUER: 'the club', JWT_AUDIENCE: 'padron' });
    const lines = cli.output.stdout.replaceAll('\\\n', ' ').split('\n');
    const curls = lines.filter((line) => line.startsWith('  curl '));
    expect(curls).to.have.length(2);
    for (const line of curls) {
      const answer = execFileSync('bash', ['-c', `${line} -sw ' %{http_code}'`], { encoding: 'utf8' });
      expect(answer).to.match(/ 200$/);
    }
  });

  itLong('prints no request about the demo people when they are not registered', async () => {
    const line = JSON.stringify({ id: 5, nombres: 'Ana', apellidos: 'Ruiz', dni: '1', created_at: NOW });
    expect((await runCli(['import', '-'], environment(), line)).code).to.equal(0);
    const { cli } = await serve();
    expect(cli.output.stdout).to.contain('development mode').and.not.contain('curl');
  });

  it('refuses to start a second server on the same DATA_DIR, and names the folder', async () => {
    await serve({ JWT_SECRET: SECRET });
    const { code, stderr } = await runCli(['serve'], environment({ JWT_SECRET: SECRET }));
    expect(code).to.equal(2);
    expect(stderr).to.contain(folder).and.contain('padron serve');
  });

  itLong('exits with 2 when RESERVATION_KEY differs from the first one', async () => {
    const { cli } = await serve({
      JWT_SECRET: SECRET,
      RESERVATION_KEY: 'the first key, of more than thirty-two bytes',
    });
    cli.process.kill('SIGTERM');
    await cli.ended;
    for (const more of [{ RESERVATION_KEY: 'another key, of more than thirty-two bytes' }, {}]) {
      const { code, stderr } = await runCli(['serve'], environment({ JWT_SECRET: SECRET, ...more }));
      expect(code).to.equal(2);
      expect(stderr).to.contain('RESERVATION_KEY').and.not.contain('another key');
    }
  });

  it('exits with a message when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const PORT = String((other.address() as AddressInfo).port);
    const { code, stderr } = await runCli(['serve'], environment({ JWT_SECRET: SECRET, PORT }));
    other.close();
    expect(code).to.equal(1);
    expect(stderr).to.contain('EADDRINUSE').and.contain('PORT');
  });

  itLong('keeps answering, and stops when asked, while its log goes to a full disk', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const PORT = String(await freePort());
    const full = openSync('/dev/full', 'w');
    const cli = startCli(['serve'], environment({ PORT }), full);
    closeSync(full);
    serving.push(cli);
    await expectToAnswerAndEnd(cli, PORT);
  });

  itLong('keeps answering, and stops when asked, while nothing reads its log', async function () {
    if (process.platform === 'win32') this.skip();
    const PORT = String(await freePort());
    const pipe = join(folder, 'log');
    execFileSync('mkfifo', [pipe]);
    const full = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    expect(() => {
      for (;;) writeSync(full, 'nobody reads this\n');
    }).to.throw('EAGAIN');
    const cli = startCli(['serve'], environment({ PORT }), full);
    closeSync(full);
    serving.push(cli);
    await expectToAnswerAndEnd(cli, PORT);
  });

  it('on SIGTERM, answers the request under way, accepts no new one and exits with 0', async () => {
    const { cli, url } = await serve({ JWT_SECRET: SECRET });
    const client: Client = await connect(url);
    const user = {
      dni: 'S1',
      nombre: 'x',
      email: 'x@example.com',
      categoria: 'socio',
      password: 'long enough',
    };
    const rest = {
      apellidos: '',
      direccion: '',
      CP: '',
      provincia: '',
      poblacion: '',
      pais: '',
      telefono: '',
    };
    const body = { ...user, ...rest, fechaalta: '2024-01-01', formadepago: '', cuota: 0, socio: 1 };
    // bcrypt keeps it under way for long enough; the signal goes out once the body has arrived.
    const underWay = client.send('POST', '/users', { token: tokenOf('admin'), body });
    await client.send('GET', '/health/live');
    cli.process.kill('SIGTERM');
    expect((await underWay).status).to.equal(201);
    const { code, stdout } = await cli.ended;
    client.close();
    expect(code).to.equal(0);
    expect(stdout).to.contain('"msg":"stopping"').and.contain('"msg":"stopped"');
  });
});
