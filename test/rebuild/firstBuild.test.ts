import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { buildInThread } from '../../src/embedded/buildsThread.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { editUser } from '../../src/commands/editUser.ts';
import { NO_REVISION } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import type { MaintainedView } from '../../src/projections/maintaining/maintainViews.ts';
import { waitUntilCaughtUp } from '../../src/projections/following/waitUntilCaughtUp.ts';
import { isBlocked } from '../../src/projections/record/followerStatus.ts';
import type { FollowerStatus } from '../../src/projections/record/followerStatus.ts';
import { request } from '../history/support/people.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { loseKeys } from '../support/lostKeys.ts';
import { keyPlaceIn } from '../support/madeUpKeys.ts';
import { aUser, editOf } from '../support/people.ts';
import { expectViewsEqualFold } from './support/compare.ts';
import { faultyViews } from './support/faultyViews.ts';
import { gatedFill } from './support/gatedFill.ts';
import { startPadron, type Padron, type PadronSettings } from './support/process.ts';

/** A log that is there before its views: after an import, a new version of a view, or the loss of the read model. */
describe('The first build of a view over a log', () => {
  let folder: string;
  let running: Padron[];
  let fault: ReturnType<typeof faultyViews>;

  beforeEach(async () => {
    folder = newFolder();
    running = [];
    fault = faultyViews();
    const writer = await start({ keeps: false });
    const ana = await aUser(writer);
    await writer.commands.handle(editUser, editOf(ana, { telefono: '666' }), request());
    for (let i = 0; i < 3; i += 1) await aUser(writer);
    await stop(writer);
  });
  afterEach(async () => {
    for (const one of running) await one.stop();
    removeFolder(folder);
  });

  async function start(settings: PadronSettings = {}): Promise<Padron> {
    const padron = await startPadron(folder, { views: fault.views, ...settings });
    running.push(padron);
    return padron;
  }
  async function stop(padron: Padron): Promise<void> {
    running = running.filter((one) => one !== padron);
    await padron.stop();
  }
  const usersOf = (padron: Padron): MaintainedView => padron.kept.find(({ name }) => name === 'users')!;
  const until = (padron: Padron, state: FollowerStatus['state']): Promise<FollowerStatus> =>
    eventually(`users are ${state}`, () => {
      const status = usersOf(padron).runner.status();
      return status.state === state && status;
    });
  /** Start-up does not wait for a view that only an operator can help. */
  async function expectNoWait(padron: Padron): Promise<void> {
    const head = await padron.store.head();
    const signal = AbortSignal.timeout(10_000);
    const { projection, runner } = usersOf(padron);
    await waitUntilCaughtUp(projection, head, systemClock, signal, () => isBlocked(runner.status()));
    expect(signal.aborted).to.equal(false);
  }
  const buildsOf = async (padron: Padron): Promise<Job[]> =>
    (await padron.jobs.list()).filter(({ projection }) => projection === 'users');

  it('is stalled with the reason when it meets an event that the view cannot apply', async () => {
    fault.unbearable.add('666');
    const padron = await start();
    const { lastError } = await until(padron, 'stalled');
    expect(lastError).to.match(/^users cannot apply user-\d+@1 \(UserEdited\)/);
    expect((await buildsOf(padron))[0]).to.include({ state: 'failed', error: lastError });
  });

  it('is restarted automatically until it succeeds', async () => {
    fault.unbearable.add('666');
    const padron = await start();
    await until(padron, 'stalled');
    fault.unbearable.clear();
    await until(padron, 'live');
    expect(usersOf(padron).runner.status().lastError).to.equal(null);
    await expectViewsEqualFold(padron);
  });

  it('restarts at the start of a process that has the repaired view', async () => {
    fault.unbearable.add('666');
    const broken = await start();
    await until(broken, 'stalled');
    await stop(broken);
    fault.unbearable.clear();
    const repaired = await start();
    await until(repaired, 'live');
    await expectViewsEqualFold(repaired);
  });

  it('restarts after it was cancelled', async () => {
    const gate = gatedFill();
    gate.close();
    const padron = await start({ fill: gate.fill });
    const [job] = await eventually('it is under way', async () => {
      const builds = await buildsOf(padron);
      return builds.length > 0 && builds;
    });
    await padron.jobs.cancel(job!.id);
    await eventually('another one is under way', async () => (await buildsOf(padron)).length > 1);
    gate.open();
    await until(padron, 'live');
  });

  it('is paused, not failed, at an event of a newer padron, on maintaining and waiting instances alike', async () => {
    const writer = await start({ keeps: false });
    const id = randomUUID();
    const event = newEvent(id, { type: 'UserRemoved', data: {} }, systemOrigin(id), systemClock.now());
    const newer = { ...event, type: 'UserPromoted' };
    await writer.store.sealing?.createKeys(['user-99']);
    await writer.store.append([{ stream: 'user-99', expected: NO_REVISION, events: [newer] }]);
    const holder = await start();
    const { lastError } = await until(holder, 'paused');
    expect(lastError).to.equal('user-99@0 is a UserPromoted of schema version 1: upgrade this instance');
    const standby = await start();
    expect(await until(standby, 'paused')).to.include({ lastError, needs: 'upgrade' });
    const [job, ...others] = await buildsOf(holder);
    expect(others).to.deep.equal([]);
    expect(job).to.include({ state: 'running', error: lastError, eventsPerSecond: 0, etaSeconds: null });

    // Nothing waits for an upgrade that may be far away.
    await expectNoWait(holder);
    await expectNoWait(standby);
  });

  const hasKeysFile = !(process.env['TEST_STORES'] ?? '').endsWith('mongodb');
  const isSealed = process.env['TEST_SEALING'] !== 'off';
  const isEmbedded = (process.env['TEST_STORES'] ?? 'sqlite+sqlite') === 'sqlite+sqlite';
  const inThread = (): ReturnType<typeof buildInThread> =>
    buildInThread({
      eventsFile: join(folder, 'events.db'),
      viewsFolder: join(folder, 'views'),
      keys: keyPlaceIn(folder),
    });
  for (const [where, settings] of [
    ['here', {}],
    ...(isEmbedded ? [['in a thread', { fill: inThread }] as const] : []),
  ] as const) {
    (hasKeysFile && isSealed ? it : it.skip)(
      `is paused at an event whose key is missing, built ${where}, and goes on once the key is back`,
      async () => {
        const giveBack = await loseKeys(folder, ['user-1']);
        const holder = await start(settings);
        const { lastError } = await until(holder, 'paused');
        expect(lastError).to.match(/^the key of user-1@0 .* is missing from the key store/);
        const standby = await start();
        expect(await until(standby, 'paused')).to.include({ lastError, needs: 'key' });
        const [job, ...others] = await buildsOf(holder);
        expect(others).to.deep.equal([]);
        expect(job).to.include({ state: 'running', error: lastError });
        await expectNoWait(holder);
        await expectNoWait(standby);

        await giveBack();
        await until(holder, 'live');
        await expectViewsEqualFold(holder);
      },
    );
  }
});
