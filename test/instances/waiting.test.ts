import { expect } from 'chai';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startCli, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeLong } from '../support/long.ts';
import { freePort } from '../support/port.ts';
import { programOf } from '../support/program.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

/** Every kind of route, with the body of its 503. */
const REQUEST_ERRORS: { method: string; path: string; body: object }[] = [
  { method: 'PUT', path: '/api/personas/me', body: { message: 'Error al actualizar perfil' } },
  { method: 'POST', path: '/api/personas', body: { message: 'Error al registrar persona' } },
  {
    method: 'POST',
    path: '/users/edit',
    body: { message: 'Temporarily unavailable, try again', error: 'Service Unavailable', statusCode: 503 },
  },
  ...['/health/ready', '/audit', '/metrics'].map((path) => ({
    method: 'GET',
    path,
    body: { type: 'about:blank', title: 'Service Unavailable', status: 503, code: 'unavailable' },
  })),
];

describeLong('padron serve while a database server is not up yet', () => {
  let folder: string;
  let eventStorePort: number;
  let cli: RunningCli;
  let eventStore: ChildProcess | null;

  async function start(mongoUrl: string | null): Promise<string> {
    folder = newFolder();
    eventStore = null;
    eventStorePort = await freePort();
    cli = startCli(['serve'], {
      DATA_DIR: folder,
      PORT: '0',
      JWT_SECRET: SECRET,
      EVENTSTORE_URL: `esdb://127.0.0.1:${eventStorePort}?tls=false`,
      ...(mongoUrl === null ? {} : { MONGODB_URL: mongoUrl }),
    });
    return eventually('it listens', () => {
      const { stdout, stderr } = cli.output;
      if (cli.process.exitCode !== null) throw new Error(`ended: ${stdout}${stderr}`);
      return /"url":"([^"]+)"/.exec(stdout)?.[1];
    });
  }

  async function startEventStore(): Promise<void> {
    const { file, execArgv } = programOf('eventStoreDb');
    eventStore = fork(file, [JSON.stringify({ port: eventStorePort })], { execArgv });
    await once(eventStore, 'message');
  }

  const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
  const waitingLines = (): string[] =>
    cli.output.stdout.split('\n').filter((line) => line.includes('"waiting for '));

  afterEach(async () => {
    cli.process.kill('SIGKILL');
    await cli.ended;
    eventStore?.kill('SIGKILL');
    removeFolder(folder);
  });

  it('runs and refuses every request in its error format, and starts automatically when the server does', async () => {
    const url = await start(null);
    await eventually('it says what it waits for', () => waitingLines().length > 0);
    expect(await statusOf(`${url}/health/live`)).to.equal(200);
    for (const { method, path, body } of REQUEST_ERRORS) {
      const answer = await fetch(url + path, { method });
      expect(answer.status, path).to.equal(503);
      expect(answer.headers.get('retry-after'), path).to.equal('1');
      expect(await answer.json(), path).to.deep.equal(body);
    }
    // Probes go on while it comes up.
    await startEventStore();
    await eventually('it is ready', async () => (await statusOf(`${url}/health/ready`)) === 200);
    const headers = { authorization: `Bearer ${tokenOf('admin')}` };
    expect((await fetch(`${url}/api/personas`, { headers })).status).to.equal(200);
    await eventually('it says so', () => cli.output.stdout.includes('"msg":"the event store is reachable"'));
    expect(waitingLines(), 'one line, however often it tried').to.have.length(1);
    expect(cli.output.stdout).to.not.contain('request failed');
  });

  it('logs once for each server that it waits for, without passwords', async () => {
    const port = await freePort();
    await start(`mongodb://padron:secreto@127.0.0.1:${port}/padron?serverSelectionTimeoutMS=200`);
    const lines = await eventually('both are named', () => waitingLines().length === 2 && waitingLines());
    expect(lines.map((line) => (JSON.parse(line) as { store: string }).store).sort()).to.deep.equal([
      'the event store',
      'the read model',
    ]);
    expect(cli.output.stdout).to.not.contain('secreto');
  });

  it('exits with 0 on SIGTERM at once', async () => {
    await start(`mongodb://127.0.0.1:${await freePort()}/padron`);
    const asked = performance.now();
    cli.process.kill('SIGTERM');
    expect((await cli.ended).code).to.equal(0);
    expect(performance.now() - asked).to.be.lessThan(2_000);
  });
});
