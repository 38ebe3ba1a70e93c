import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { runCli, startCli, urlOf, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { someOf } from '../support/long.ts';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';

describe('padron roll', function () {
  this.timeout(60_000);
  let folder: string;
  let environment: Record<string, string>;

  // The demo people are enough: one person, one user. The server leaves its views caught up.
  before(async () => {
    folder = newFolder();
    environment = {
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      LOG_LEVEL: 'error',
      TIME_ZONE: 'Europe/Madrid',
    };
    const server = startCli(['serve'], environment);
    const url = await urlOf(server);
    await eventually('it is ready', async () => (await fetch(`${url}/health/ready`)).status === 200, 50_000);
    server.process.kill('SIGTERM');
    await server.ended;
  });
  after(() => {
    removeFolder(folder);
  });

  const roll = (...options: string[]): Promise<CliRun> => runCli(['roll', ...options], environment);

  it('prints the present roll as a table, CSV or NDJSON', async () => {
    const table = await roll();
    expect(table.code, table.stderr).to.equal(0);
    expect(table.stdout)
      .to.match(/^IdUsuario +nombre +apellidos/)
      .and.to.match(/^15 +María +Rodríguez García/m);
    const csv = await roll('--format', 'csv', '--categoria', 'socio');
    expect(csv.stdout.split('\r\n')[1]).to.match(/^15,María,/);
    const ndjson = await roll('--format', 'ndjson', '--kind', 'personas');
    expect(JSON.parse(ndjson.stdout)).to.include({ id: 5 });
  });

  it('prints the roll at an instant, empty before the first event', async () => {
    const { code, stdout } = await roll('--at', '2020-01-01', '--format', 'ndjson');
    expect({ code, stdout }).to.deep.equal({ code: 0, stdout: '' });
  });

  it('applies the filters', async () => {
    for (const socio of ['NoSocio', '0'])
      expect(await roll('--socio', socio, '--format', 'ndjson')).to.include({ code: 0, stdout: '' });
    expect((await roll('--q', 'rodr', '--activo', 'true', '--format', 'ndjson')).stdout).to.contain(
      '"IdUsuario":15',
    );
  });

  it('prints what changed since an earlier instant', async () => {
    const { stdout } = await roll('--changes-from', '2020-01-01', '--format', 'csv');
    expect(stdout.replace('\uFEFF', '').split('\r\n').slice(0, 2)).to.deep.equal([
      'kind,id,dni,name,field,before,after',
      'joined,15,45678912C,María Rodríguez García,,,',
    ]);
  });

  it('rejects invalid arguments with exit code 2', async () => {
    const calls = someOf(2, [
      ['--at', '2099-01-01'],
      ['--kind', 'personas', '--socio', 'Socio'],
      ['--at', 'yesterday'],
      ['--kind', 'animals'],
      ['--at', '2020-01-01', '--changes-from', '2021-01-01'],
      ['--changes-from', '2020-01-01', '--q', 'x'],
    ]);
    for (const call of calls) {
      const { code, stdout, stderr } = await roll(...call);
      expect({ code, stdout }, call.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr)
        .to.not.equal('')
        .and.not.match(/ {4}at /);
    }
  });
});

describe('padron roll of people with an event that cannot be applied', function () {
  this.timeout(60_000);
  const dataDir = newFolder();
  let store: EventStore;
  const running = serviceForTests({ dataDir, aroundStore: (opened) => (store = opened) });
  after(() => {
    removeFolder(dataDir);
  });

  it('prints their last good state, and says so', async () => {
    const user = await aUser(running().service);
    await aUser(running().service);
    const again = { type: 'UserRegistered', data: user } as const;
    const event = newEvent(randomUUID(), again, systemOrigin('test'), new Date().toISOString());
    await store.append([{ stream: `user-${user.IdUsuario}`, expected: 0, events: [event] }]);
    for (const [options, lines] of [
      [[], 3],
      [['--changes-from', '2020-01-01'], 3],
      [['--q', 'nobody-else'], 1],
    ] as const) {
      const { code, stdout, stderr } = await runCli(['roll', ...options], { DATA_DIR: dataDir });
      expect(code, stderr).to.equal(0);
      expect(stdout.trimEnd().split('\n')).to.have.lengthOf(lines);
      expect(stderr).to.equal(
        'padron: taken in the last good state, printed or not, because an event cannot be applied: 1 person; npx padron projections parked lists them\n',
      );
    }
  });
});
