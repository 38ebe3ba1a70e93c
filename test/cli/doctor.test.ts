import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { ecKey, rsaKey, startJwksServer } from '../support/jwksServer.ts';
import { aPersona, aUser } from '../support/people.ts';
import { startTestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

/** Data of a server that has ended, with every view level. */
async function leaveData(dataDir: string): Promise<void> {
  const { service, send, stop } = await startTestService({ dataDir });
  await aPersona(service);
  await aUser(service);
  await eventually('the views are caught up', async () => {
    const { body } = await send('GET', '/admin/projections', { token: tokenOf('admin') });
    const { projections } = body as { projections: { lagEvents: number; position: string | null }[] };
    return projections.every(({ lagEvents, position }) => lagEvents === 0 && position !== null);
  });
  await stop();
}

describe('padron doctor', function () {
  this.timeout(30_000);
  let folder: string;
  beforeEach(() => {
    folder = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
  });

  const doctor = (DATA_DIR: string): Promise<CliRun> => runCli(['doctor'], { DATA_DIR });

  it('reports healthy data and the state of each view', async () => {
    await leaveData(folder);
    const { code, stdout, stderr } = await doctor(folder);
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout)
      .to.match(/^ok {4}event store: answers, head at \d+$/m)
      .and.to.match(/^ok {4}read model: personas at \d+, users at \d+, history at \d+$/m);
  });

  it('asks a running server how long its event loop was blocked', async () => {
    const { service, stop } = await startTestService({ dataDir: folder });
    const { port } = new URL(service.url);
    // A view may be behind for a moment.
    const server = await eventually('the server is well', async () => {
      const { stdout } = await runCli(['doctor'], { DATA_DIR: folder, PORT: port });
      return /^ok {4}server: .*$/m.exec(stdout)?.[0];
    });
    await stop();
    expect(server).to.match(/is ready; longest stall of its event loop in the last minute: \d+ ms/);
  });

  it('shows an IPv6 address in brackets', async () => {
    const { stdout } = await runCli(['doctor'], { DATA_DIR: join(folder, 'data'), HOST: '::1' });
    expect(stdout).to.match(/^ok {4}configuration: http:\/\/\[::1\]:\d+, /m);
  });

  it('reports a new machine as healthy and creates nothing', async () => {
    const dataDir = join(folder, 'a', 'data');
    const { code, stdout } = await doctor(dataDir);
    expect(code).to.equal(0);
    expect(stdout)
      .to.contain(`ok    event store: no data yet, and ${dataDir} can be created\n`)
      .and.to.contain('ok    read model: no data yet\n');
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('reports whether an empty folder is writable, and creates nothing in it', async () => {
    const { code, stdout } = await doctor(folder);
    expect(code).to.equal(0);
    expect(stdout).to.contain(`ok    event store: no data yet, and ${folder} can be written to\n`);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('fails when the folder cannot be created', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, stdout } = await doctor(join(file, 'data'));
    expect(code).to.equal(1);
    expect(stdout).to.contain(
      `FAIL  event store: ${join(file, 'data')} cannot be created: ${file} is not a folder\n`,
    );
  });

  it('fails when the folder is not writable', async function () {
    // Everybody's superuser may.
    if (process.getuid?.() === 0) this.skip();
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir, { mode: 0o500 });
    const { code, stdout } = await doctor(dataDir);
    expect(code).to.equal(1);
    expect(stdout).to.contain(`FAIL  event store: ${dataDir} cannot be written to`);
  });

  it('fails when the folder of the data, or of the views, has become read-only', async function () {
    // Everybody's superuser may write there.
    if (process.getuid?.() === 0) this.skip();
    await leaveData(folder);
    for (const place of [join(folder, 'views'), folder]) {
      chmodSync(place, 0o500);
      const { code, stdout } = await doctor(folder);
      chmodSync(place, 0o700);
      expect(code).to.equal(1);
      expect(stdout)
        .to.match(/^FAIL {2}files: /m)
        .and.to.contain(`${place} cannot be written to`);
    }
  });

  it('names each view that was built from another log', async () => {
    const [own, other] = [join(folder, 'own'), join(folder, 'other')];
    await Promise.all([leaveData(own), leaveData(other)]);
    for (const ending of ['-wal', '-shm']) rmSync(join(own, `events.db${ending}`), { force: true });
    copyFileSync(join(other, 'events.db'), join(own, 'events.db'));
    const FOREIGN =
      'FAIL  read model: personas, users, history: built from another event log; rebuild needed\n';
    const { code, stdout } = await doctor(own);
    expect(code).to.equal(1);
    expect(stdout).to.contain(FOREIGN);
    rmSync(join(own, 'events.db'));
    const without = await doctor(own);
    expect(without.code, 'views without any log').to.equal(1);
    expect(without.stdout).to.contain(FOREIGN);
    expect(existsSync(join(own, 'events.db'))).to.equal(false);
  });

  it('names each damaged file: of a view, of a lease', async () => {
    await leaveData(folder);
    const views = readdirSync(join(folder, 'views')).filter((name) => name.endsWith('.db'));
    const damaged = ['users-', 'lease-'].map(
      (begin) => views.find((name) => name.startsWith(begin)) ?? begin,
    );
    for (const name of damaged) writeFileSync(join(folder, 'views', name), 'not a database'.repeat(1_000));
    const { code, stdout } = await doctor(folder);
    expect(code).to.equal(1);
    const [line = ''] = /^FAIL {2}files: .*$/m.exec(stdout) ?? [];
    for (const name of damaged) expect(line).to.contain(`${name}: file is not a database`);
    expect(line.match(/not a database/g)).to.have.lengthOf(damaged.length);
  });

  it('warns of a folder that other users can enter, until its hint is followed', async () => {
    await leaveData(folder);
    chmodSync(folder, 0o755);
    const open = await doctor(folder);
    expect(open.code).to.equal(0);
    const [, hint = ''] = /^warn {2}files: other users .*: (chmod .*)$/m.exec(open.stdout) ?? [];
    execFileSync('sh', ['-c', hint]);
    const closed = await doctor(folder);
    expect({ code: closed.code, warned: closed.stdout.includes('warn ') }).to.deep.equal({
      code: 0,
      warned: false,
    });
  });

  it('fetches the key set and says how many keys can be used, or why it cannot', async () => {
    const jwks = await startJwksServer([rsaKey('a'), ecKey('b')]);
    const check = () => runCli(['doctor'], { DATA_DIR: folder, JWKS_URI: jwks.uri, JWT_AUDIENCE: 'padron' });
    const up = await check();
    expect(up.code).to.equal(0);
    expect(up.stdout).to.match(/^ok {4}tokens: the key set answers, 2 keys for RS256 or ES256$/m);
    jwks.isUp = false;
    const down = await check();
    await jwks.stop();
    expect(down.code).to.equal(1);
    expect(down.stdout).to.match(/^FAIL {2}tokens: the key set could not be fetched \(.*status 500\)$/m);
  });

  it('exits with 2 on an invalid configuration, as its help says', async () => {
    const { code, stdout, stderr } = await runCli(['doctor'], { DATA_DIR: folder, PORT: 'x' });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.contain('PORT');
    const help = await runCli(['doctor', '--help']);
    expect(help.stdout).to.match(/1: a store.* 2: the configuration is wrong/);
  });
});
