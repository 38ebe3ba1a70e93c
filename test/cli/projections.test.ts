import { expect } from 'chai';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import type { ParkedEntry } from '../../src/projections/parking/parkedSubjects.ts';
import { brokenView } from '../support/brokenView.ts';
import { runCli, startCli, type CliRun } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { fillGate } from '../support/fillGate.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong, someOf } from '../support/long.ts';
import { manyUpdates } from '../support/manyEvents.ts';
import { aPersona, aUser, editOf } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { openStores } from '../support/stores.ts';
import { tokenOf } from '../support/tokens.ts';

const token = tokenOf('admin');

/** Waits until every view has applied everything. */
const levelViews = ({ send }: Pick<TestService, 'send'>): Promise<true> =>
  eventually('the views are caught up', async () => {
    const { body } = await send('GET', '/admin/projections', { token });
    const { projections } = body as { projections: { lagEvents: number }[] };
    return projections.every(({ lagEvents }) => lagEvents === 0);
  });

describe('padron projections', function () {
  this.timeout(60_000);
  const broken = brokenView();
  const gate = fillGate();
  let dataDir: string;
  let running: TestService;

  before(async () => {
    dataDir = newFolder();
    running = await startTestService({ dataDir, views: broken.views, aroundFill: gate.around });
    await aPersona(running.service);
  });
  after(async () => {
    gate.open();
    await running.stop();
    removeFolder(dataDir);
  });

  const projections = (...args: string[]): Promise<CliRun> =>
    runCli(['projections', ...args], { DATA_DIR: dataDir });
  const shown = async (path: string): Promise<unknown> => (await running.send('GET', path, { token })).body;

  async function aParkedUser(): Promise<ParkedEntry> {
    const user = await aUser(running.service);
    await running.send('POST', '/users/edit', { token, body: editOf(user, { cuota: 13 }) });
    return eventually('the user is parked', async () =>
      (await running.service.parking.list()).find(({ subject }) => subject === `user-${user.IdUsuario}`),
    );
  }

  async function aRebuild(): Promise<string> {
    gate.close();
    const job = await running.service.jobs.rebuild('personas');
    if (typeof job === 'string') throw new Error(job);
    return job.id;
  }

  it('next to a running server, prints what GET /admin/projections answers, as a table or as JSON', async () => {
    await levelViews(running);
    const json = await projections('--json');
    expect(json).to.include({ code: 0, stderr: '' });
    expect(JSON.parse(json.stdout)).to.deep.equal(await shown('/admin/projections'));
    const { code, stdout } = await projections();
    expect(code).to.equal(0);
    const [header, ...lines] = stdout.trimEnd().split('\n');
    expect(header).to.match(
      /^VIEW +VERSION +GENERATION +STATE +POSITION +LAG +EVENTS BEHIND +PARKED +ERROR$/,
    );
    expect(lines.map((line) => line.split(/ +/).slice(0, 4))).to.deep.equal([
      ['personas', '3', '1', 'live'],
      ['users', '3', '1', 'live'],
      ['history', '1', '1', 'live'],
    ]);
  });

  it('lists parked subjects as GET /admin/parked does, and catches one up on retry', async () => {
    const entry = await aParkedUser();
    const json = await projections('parked', '--json');
    expect(json.code).to.equal(0);
    expect(JSON.parse(json.stdout)).to.deep.equal(await shown('/admin/parked'));
    expect(await projections('--json', 'parked'), 'the option before the subcommand').to.deep.equal(json);
    const { stdout } = await projections('parked');
    expect(stdout).to.contain(entry.id).and.to.contain('Error');
    // The command line has the view that can show it.
    expect(await projections('retry', entry.id)).to.deep.equal({
      code: 0,
      stdout: `${entry.id}: ${entry.subject} is caught up\n`,
      stderr: '',
    });
    expect(await projections('retry', entry.id)).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: `padron: no parked entry ${entry.id}\n`,
    });
    expect(await projections('parked')).to.include({ code: 0, stdout: '' });
  });

  it('skips an event and stores the reason, with padron as the actor', async () => {
    const entry = await aParkedUser();
    const { answer, stored } = await running.storedBy(() =>
      projections('skip', entry.id, '--reason', ' a typing error '),
    );
    expect(answer).to.include({ code: 0, stderr: '' });
    expect(answer.stdout).to.contain(`${entry.id}: revision ${entry.revision} is skipped`);
    expect(stored.map(({ stream, data }) => ({ stream, data }))).to.deep.equal([
      {
        stream: 'padron-skips',
        data: { view: 'users', subject: entry.subject, revision: entry.revision, reason: 'a typing error' },
      },
    ]);
    expect(stored[0]?.metadata).to.deep.include({
      actor: { account: 'padron', role: 'system' },
    });
  });

  itLong('lists the jobs as GET /admin/jobs does', async () => {
    const id = await aRebuild();
    const json = await projections('jobs', '--json');
    expect(json.code).to.equal(0);
    expect(JSON.parse(json.stdout)).to.deep.equal(await shown('/admin/jobs'));
    expect((await projections('jobs')).stdout).to.match(new RegExp(`^${id} +rebuild +running +0.0 %`, 'm'));
    await running.service.jobs.cancel(id);
  });

  it('pauses, resumes and cancels a job of the server', async () => {
    const id = await aRebuild();
    const stateNow = async (): Promise<Job['state'] | undefined> =>
      (await running.service.jobs.get(id))?.state;
    expect((await projections('pause', id)).code).to.equal(0);
    expect(await stateNow()).to.equal('paused');
    expect((await projections('resume', id)).code).to.equal(0);
    expect(await stateNow()).to.equal('running');
    expect((await projections('cancel', id)).code).to.equal(0);
    expect(await stateNow()).to.equal('cancelled');
    expect(await projections('cancel', id)).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: `padron: ${id} has already ended: cancelled\n`,
    });
    expect(await projections('watch', id)).to.include({
      code: 1,
      stderr: `padron: ${id} is cancelled\n`,
    });
    expect(await projections('pause', 'personas-v3-99')).to.include({
      code: 1,
      stderr: 'padron: there is no job personas-v3-99\n',
    });
  });

  itLong('while watching a paused job, prints once how to resume it', async () => {
    const id = await aRebuild();
    await running.service.jobs.pause(id);
    const hint = `padron: ${id} is paused; to continue: npx padron projections resume ${id}\n`;
    const watching = startCli(['projections', 'watch', id], { DATA_DIR: dataDir });
    await eventually('it tells', () => watching.output.stderr !== '', 20_000);
    await running.service.jobs.resume(id);
    await eventually('it shows the job run', () => watching.output.stdout.includes('"running"'), 20_000);
    expect(watching.output.stderr).to.equal(hint);
    await running.service.jobs.pause(id);
    await eventually('it tells again', () => watching.output.stderr === hint + hint, 20_000);
    watching.process.kill('SIGINT');
    const { code, stderr } = await watching.ended;
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: hint + hint + hint });
    await running.service.jobs.cancel(id);
  });

  itLong('when watching stops, says that the running job continues', async () => {
    const id = await aRebuild();
    const watching = startCli(['projections', 'watch', id], { DATA_DIR: dataDir });
    await eventually('it watches', () => watching.output.stdout !== '', 20_000);
    watching.process.kill('SIGINT');
    const { code, stderr } = await watching.ended;
    expect({ code, stderr }).to.deep.equal({ code: 1, stderr: `padron: ${id} goes on\n` });
    await running.service.jobs.cancel(id);
  });

  it('rolls back to the previous generation, if there is one', async () => {
    const refused = await projections('rollback', 'history');
    expect(refused).to.deep.equal({
      code: 1,
      stdout: '',
      stderr: 'padron: no earlier generation of history is kept\n',
    });
    gate.open();
    await running.service.jobs.rebuild('history');
    await eventually('the rebuild is done', async () => {
      const [job] = await running.service.jobs.list();
      return job?.state === 'done';
    });
    const { code, stdout } = await projections('rollback', 'history', '--follow');
    expect(code).to.equal(0);
    const last = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as Job;
    expect(last).to.include({ kind: 'rollback', projection: 'history', state: 'done' });
  });

  it('rejects invalid arguments with exit code 2 before it opens anything', async () => {
    const DATA_DIR = `${dataDir}-untouched`;
    const calls: [string[], string][] = [
      [['rollback', 'nobody'], 'there are personas, users, history'],
      [['skip', 'users-1', '--reason', '  '], '--reason should not be empty'],
      [['nonsense'], 'too many arguments'],
      [['skip', 'users-1'], '--reason'],
      [['retry'], 'missing required argument'],
    ];
    for (const [call, told] of someOf(2, calls)) {
      const { code, stdout, stderr } = await runCli(['projections', ...call], { DATA_DIR });
      expect({ code, stdout }, call.join(' ')).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.contain(told);
    }
  });
});

describe('padron projections without a server', function () {
  this.timeout(30_000);

  it('reports a view that is behind and does not move as stalled, with its lag', async () => {
    const dataDir = newFolder();
    const running = await startTestService({ dataDir });
    const { id } = await aPersona(running.service);
    await levelViews(running);
    await running.stop();
    const { store, close } = await openStores(dataDir);
    await manyUpdates(store, `persona-${id}`, 3);
    await close();
    const { code, stdout } = await runCli(['projections', '--json'], { DATA_DIR: dataDir });
    removeFolder(dataDir);
    expect(code).to.equal(0);
    const { projections } = JSON.parse(stdout) as { projections: object[] };
    for (const view of projections as { name: string }[]) {
      expect(view).to.include({ state: 'stalled', lagEvents: 3, parked: 0 });
      expect(view)
        .to.have.property('lastError')
        .that.contains('no running instance maintains it')
        .and.contains(`«npx padron rebuild ${view.name}»`);
    }
  });
});
