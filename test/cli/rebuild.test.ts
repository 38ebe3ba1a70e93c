import { expect } from 'chai';
import { cpSync } from 'node:fs';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { runCli, startCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { fillGate } from '../support/fillGate.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong } from '../support/long.ts';
import { manyUpdates } from '../support/manyEvents.ts';
import { aPersona } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';

const jobsIn = (stdout: string): Job[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Job);

describe('padron rebuild', function () {
  this.timeout(90_000);
  let template: string;
  let dataDir: string;
  let persona: number;

  before(async () => {
    template = newFolder();
    const running = await startTestService({ dataDir: template });
    persona = (await aPersona(running.service)).id;
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

  const rebuild = (...args: string[]) => runCli(['rebuild', ...args], { DATA_DIR: dataDir });

  describe('without a server', () => {
    it('runs the rebuild itself, prints its progress as JSON lines and makes the new generation current', async () => {
      const { code, stdout, stderr } = await rebuild('personas');
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
      const jobs = jobsIn(stdout);
      const { startedAt, endedAt } = jobs.at(-1) as Job;
      expect(jobs.at(-1)).to.deep.equal({
        id: 'personas-v3-2',
        kind: 'rebuild',
        projection: 'personas',
        state: 'done',
        processed: 1,
        share: 1,
        eventsPerSecond: 0,
        etaSeconds: null,
        startedAt,
        endedAt,
        error: null,
      });
      const { stdout: views } = await runCli(['projections', '--json'], { DATA_DIR: dataDir });
      const { projections } = JSON.parse(views) as { projections: object[] };
      expect(projections[0]).to.include({ name: 'personas', generation: 2, state: 'live' });
    });

    itLong('stops cleanly on Ctrl-C, and continues the same job when called again', async () => {
      const { store, close } = await openStores(dataDir);
      await manyUpdates(store, `persona-${persona}`, 60_000);
      await close();
      const running = startCli(['rebuild', 'personas'], { DATA_DIR: dataDir });
      await eventually('it has begun', () => running.output.stdout.includes('\n'), 20_000);
      running.process.kill('SIGINT');
      const { code, stdout, stderr } = await running.ended;
      const [first] = jobsIn(stdout);
      expect(stderr).to.equal(
        `padron: interrupted: ${String(first?.id)} continues with the next server, or with npx padron rebuild personas --follow\n`,
      );
      expect(code).to.equal(1);
      const again = await rebuild('personas', '--follow');
      expect(again.code).to.equal(0);
      expect(jobsIn(again.stdout).at(-1)).to.include({ id: first?.id, state: 'done' });
    });

    it('builds a view that has never been built', async () => {
      removeFolder(`${dataDir}/views`);
      const { code, stdout } = await rebuild('users');
      expect(code).to.equal(0);
      expect(jobsIn(stdout).at(-1)).to.include({ projection: 'users', state: 'done' });
    });
  });

  describe('next to a running server', () => {
    const gate = fillGate();
    let running: TestService;

    beforeEach(async () => {
      running = await startTestService({ dataDir, aroundFill: gate.around });
      gate.close();
    });
    afterEach(async () => {
      gate.open();
      await running.stop();
    });

    it('starts a job that the server runs and says how to watch it; a second call names the running job', async () => {
      expect(await rebuild('personas')).to.deep.equal({
        code: 0,
        stdout: 'personas-v3-2\n',
        stderr: 'the server does the work; to watch: npx padron projections watch personas-v3-2\n',
      });
      const second = {
        code: 1,
        stdout: '',
        stderr:
          'padron: personas-v3-2 (rebuild) is running; to watch: npx padron projections watch personas-v3-2\n',
      };
      expect(await rebuild('personas')).to.deep.equal(second);
      expect(await rebuild('personas', '--follow')).to.deep.equal(second);
      await running.service.jobs.pause('personas-v3-2');
      expect((await rebuild('personas')).stderr).to.contain('npx padron projections resume personas-v3-2');
    });

    it('with --follow, prints the progress until the job is done', async () => {
      const following = startCli(['rebuild', 'personas', '--follow'], { DATA_DIR: dataDir });
      await eventually('it follows', () => following.output.stdout.includes('"running"'), 20_000);
      gate.open();
      const { code, stdout } = await following.ended;
      expect(code).to.equal(0);
      expect(jobsIn(stdout).at(-1)).to.include({ state: 'done', share: 1 });
    });

    itLong('exits with 1 when the job that it follows is cancelled', async () => {
      const following = startCli(['rebuild', 'personas', '--follow'], { DATA_DIR: dataDir });
      await eventually('it follows', () => following.output.stdout.includes('"running"'), 20_000);
      await running.service.jobs.cancel('personas-v3-2');
      const { code, stderr } = await following.ended;
      expect({ code, stderr }).to.deep.equal({ code: 1, stderr: 'padron: personas-v3-2 is cancelled\n' });
    });

    it('on Ctrl-C, leaves the job to the server and says so', async () => {
      const following = startCli(['rebuild', 'personas', '--follow'], { DATA_DIR: dataDir });
      await eventually('it follows', () => following.output.stdout.includes('"running"'), 20_000);
      following.process.kill('SIGINT');
      const { code, stderr } = await following.ended;
      expect(code).to.equal(1);
      expect(stderr).to.contain('personas-v3-2 continues on the server');
      expect(await running.service.jobs.get('personas-v3-2')).to.include({ state: 'running' });
    });
  });

  it('rejects an unknown view with exit code 2 and lists the views', async () => {
    expect(await rebuild('nobody')).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: 'padron: there is no view «nobody»; there are personas, users, history\n',
    });
    expect((await rebuild()).code).to.equal(2);
  });
});
