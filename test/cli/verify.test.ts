import { expect } from 'chai';
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { UserRecord } from '../../src/events/types.ts';
import { currentGeneration } from '../../src/verify/currentGeneration.ts';
import { leaseNameOf } from '../../src/projections/maintaining/sweep.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { users } from '../../src/projections/views/users.ts';
import { openStoredEvents } from '../../src/service/stores.ts';
import { runCli, startCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong } from '../support/long.ts';
import { aUser } from '../support/people.ts';
import { startTestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { tokenOf } from '../support/tokens.ts';

const MEMBERS = 8;

describe('padron verify', () => {
  let template: string;
  let dataDir: string;
  let socia: UserRecord;
  before(async () => {
    template = newFolder();
    const running = await startTestService({ dataDir: template });
    for (let made = 0; made < MEMBERS; made += 1) socia = await aUser(running.service);
    await eventually('the view shows the last one', async () => {
      const { body } = await running.send('GET', '/users', { token: tokenOf('admin') });
      return (body as { users: object[] }).users.length === MEMBERS;
    });
    await running.stop();
  });
  after(() => {
    removeFolder(template);
  });
  beforeEach(() => {
    dataDir = newFolder();
    cpSync(template, dataDir, { recursive: true });
  });
  afterEach(() => {
    removeFolder(dataDir);
  });

  const verify = (...options: string[]): Promise<CliRun> =>
    runCli(['verify', ...options], { DATA_DIR: dataDir });

  /** Gives the user another e-mail and password in the view. */
  async function tamper(email = 'eva@example.com'): Promise<void> {
    const { readModel, close } = await openStores(dataDir);
    const live = await readModel.open(users, await currentGeneration(readModel.controls, users));
    const [document] = await live.load([socia.IdUsuario]);
    const body = { ...document!.body, email, password: 'a hash' };
    expect(await live.repair(document!, { ...document!, body })).to.equal(true);
    await close();
  }

  it('builds missing views, and exits with 0 when nothing differs', async () => {
    removeFolder(join(dataDir, 'views'));
    const { code, stdout, stderr } = await verify();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.equal('8 subjects, 8 events: no differences\n');
  });

  it('reports differences by subject and member without values, and exits with 1', async () => {
    await tamper();
    const { code, stdout, stderr } = await verify();
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
    expect(stdout).to.contain(`users  user-${socia.IdUsuario}@0  differs in email\n`);
    expect(stdout).to.contain('8 subjects, 8 events: 2 differences\n');
    for (const value of [socia.email, socia.dni, socia.password, 'eva@example.com', 'a hash']) {
      expect(stdout).to.not.contain(value);
    }
  });

  it('with --show-values, shows values but no secrets', async () => {
    await tamper('eva\u009b31m@example.com');
    const { stdout } = await verify('--show-values');
    expect(stdout).to.contain(`differs in email, should be "${socia.email}", is "eva\\u009b31m@example.com"`);
    expect(stdout).to.contain('differs in password, should be "***", is "***"');
    expect(stdout).to.not.contain('a hash').and.not.contain(socia.password);
  });

  it('repairs when asked to, exits with 1 that time and with 0 from then on', async () => {
    await tamper();
    const repaired = await verify('--repair');
    expect(repaired.code).to.equal(1);
    expect(repaired.stdout).to.contain(`users  user-${socia.IdUsuario}@0  differs in email: repaired\n`);
    expect(repaired.stdout).to.contain('2 differences, 2 repaired\n');
    expect((await verify()).code).to.equal(0);
  });

  it('prints the same as JSON lines', async () => {
    await tamper();
    const { stdout } = await verify('--json');
    const lines = stdout.trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.at(0)).to.deep.equal({
      projection: 'users',
      subject: `user-${socia.IdUsuario}`,
      revision: 0,
      position: null,
      member: 'email',
      problem: 'different',
      claimant: null,
      repaired: null,
    });
    expect(told.at(-1)).to.deep.equal({
      isWhole: true,
      subjects: MEMBERS,
      events: MEMBERS,
      differences: 2,
      repaired: 0,
    });
  });

  it('works next to a running server, and repairs what that server shows', async () => {
    const running = await startTestService({ dataDir });
    try {
      await tamper();
      expect((await verify('--repair')).stdout).to.contain('2 differences, 2 repaired\n');
      expect((await verify()).code).to.equal(0);
      const { body } = await running.send('GET', '/users?q=eva@example.com', { token: tokenOf('admin') });
      expect(body).to.deep.include({ users: [] });
    } finally {
      await running.stop();
    }
  });

  /** Interrupts a verification that waits for a view. */
  async function interrupted(...options: string[]): Promise<CliRun> {
    removeFolder(join(dataDir, 'views'));
    const { readModel, close } = await openStores(dataDir);
    // Somebody has a view's lease and does nothing.
    await readModel.leases.acquire(leaseNameOf(users), { signal: new AbortController().signal });
    const running = startCli(['verify', ...options], { DATA_DIR: dataDir });
    await eventually('it works on the other views', () =>
      existsSync(join(dataDir, 'views', `lease-${leaseNameOf(personas)}.db`)),
    );
    running.process.kill('SIGINT');
    const run = await running.ended;
    await close();
    return run;
  }

  it('exits with 1 when interrupted, without claiming that there are no differences', async () => {
    const { code, stdout, stderr } = await interrupted();
    expect(code).to.equal(1);
    expect(stdout).to.equal('interrupted after 0 subjects, 0 events: no difference found so far\n');
    expect(stderr).to.contain('interrupted');
  });

  itLong('reports an interruption in JSON as well', async () => {
    const { stdout } = await interrupted('--json');
    expect(JSON.parse(stdout)).to.deep.include({ isWhole: false, subjects: 0, events: 0 });
  });

  it('refuses a folder without data, because a mistyped path would look healthy', async () => {
    const DATA_DIR = join(dataDir, 'mistyped');
    const { code, stdout, stderr } = await runCli(['verify'], { DATA_DIR });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.contain(`there is no padron data in ${DATA_DIR}`);
    expect(existsSync(DATA_DIR)).to.equal(false);
  });

  it('refuses an event log without events', async () => {
    const DATA_DIR = join(dataDir, 'empty');
    await (await openStoredEvents({ dataDir: DATA_DIR, eventStoreUrl: null })).close();
    const { code, stdout, stderr } = await runCli(['verify'], { DATA_DIR });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.contain('nothing to verify');
  });
});
