import { expect } from 'chai';
import { join } from 'node:path';
import { lastEventOf } from '../../src/events/eventStore.ts';
import type { UserRecord } from '../../src/events/types.ts';
import { liveGeneration } from '../../src/projections/liveGeneration.ts';
import { users } from '../../src/projections/users.ts';
import { runCli, startCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { startTestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';

describe('padron verify', () => {
  let folder: string;
  let dataDir: string;
  beforeEach(async () => {
    folder = newFolder();
    dataDir = join(folder, 'data');
    const { code } = await runCli(['import', '-'], { DATA_DIR: dataDir }, asNdjson(memberList(60)));
    expect(code).to.equal(0);
  });
  afterEach(() => {
    removeFolder(folder);
  });

  const verify = (...options: string[]): Promise<CliRun> =>
    runCli(['verify', ...options], { DATA_DIR: dataDir });

  /** Gives a user another e-mail in the view, and answers what is true. */
  async function tamper(id: number, email = 'eva@example.com'): Promise<UserRecord> {
    const { store, readModel, close } = await openStores(dataDir);
    const live = await readModel.open(users, await liveGeneration(readModel.controls, users));
    const [document] = await live.load([id]);
    await live.repair(document!, { ...document!, body: { ...document!.body, email, password: 'a hash' } });
    const registered = (await lastEventOf(store, `user-${id}`))!.data as UserRecord;
    await close();
    return registered;
  }

  it('builds the views where there are none, and ends with 0 where all is well', async () => {
    const { code, stdout, stderr } = await verify();
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    expect(stdout).to.equal('60 subjects, 120 events read: no differences\n');
  });

  it('tells differences by subject and member, not by value, and ends with 1', async () => {
    await verify();
    const record = await tamper(7);
    const { code, stdout, stderr } = await verify();
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: '' });
    expect(stdout).to.contain('users  user-7@0  differs in email\n');
    expect(stdout).to.contain('60 subjects, 120 events read: 2 differences\n');
    for (const value of [record.email, record.dni, record.password, 'eva@example.com', 'a hash']) {
      expect(stdout).to.not.contain(value);
    }
  });

  it('shows values when asked to, but no secrets', async () => {
    await verify();
    const record = await tamper(7, 'eva\u009b31m@example.com');
    const { stdout } = await verify('--show-values');
    expect(stdout).to.contain(
      `differs in email, should be "${record.email}", is "eva\\u009b31m@example.com"`,
    );
    expect(stdout).to.contain('differs in password, should be "***", is "***"');
    expect(stdout).to.not.contain('a hash').and.not.contain(record.password);
  });

  it('repairs when asked to: 1 that once, 0 from then on', async () => {
    await verify();
    await tamper(7);
    const repaired = await verify('--repair');
    expect(repaired.code).to.equal(1);
    expect(repaired.stdout).to.contain('users  user-7@0  differs in email: mended\n');
    expect(repaired.stdout).to.contain('2 differences, 2 mended\n');
    expect((await verify()).code).to.equal(0);
  });

  it('says the same in JSON lines', async () => {
    await verify();
    await tamper(7);
    const { stdout } = await verify('--json');
    const lines = stdout.trim().split('\n');
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told.at(0)).to.deep.equal({
      projection: 'users',
      subject: 'user-7',
      revision: 0,
      position: null,
      member: 'password',
      problem: 'different',
      claimant: null,
      mended: null,
    });
    expect(told.at(-1)).to.deep.equal({
      isWhole: true,
      subjects: 60,
      events: 120,
      differences: 2,
      mended: 0,
    });
  });

  it('works beside a running server, and repairs what the server shows', async () => {
    const running = await startTestService({ dataDir });
    try {
      const record = await tamper(7);
      expect((await verify('--repair')).stdout).to.contain('2 differences, 2 mended\n');
      expect((await verify()).code).to.equal(0);
      const found = running.service.commands;
      expect(found).to.be.an('object');
      const { store, readModel, close } = await openStores(dataDir);
      const [document] = await readModel.shown(users).load([7]);
      expect(document?.body).to.deep.equal(record);
      expect(await store.head()).to.not.equal(null);
      await close();
    } finally {
      await running.stop();
    }
  });

  it('ends with 1 and says so when it is interrupted', async () => {
    const running = startCli(['verify'], { DATA_DIR: dataDir });
    // Its lease files are made before it brings anything level.
    await eventually('it is under way', () => running.process.kill(0));
    await eventually('it can be interrupted', () => {
      running.process.kill('SIGINT');
      return running.process.exitCode !== null || running.process.signalCode !== null;
    });
    const { code, stderr } = await running.ended;
    if (code !== null) {
      expect(code).to.equal(1);
      expect(stderr).to.contain('interrupted');
    }
  });

  it('refuses to verify nothing: a mistyped folder would be without differences', async () => {
    const { code, stdout, stderr } = await runCli(['verify'], { DATA_DIR: join(folder, 'mistyped') });
    expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
    expect(stderr).to.contain('nothing to verify');
  });
});
