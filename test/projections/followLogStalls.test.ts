import { expect } from 'chai';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { followedLog, type FollowedLog, rest } from './support/followedLog.ts';

describe('A follower of a log that does not answer', () => {
  let scene: FollowedLog;

  beforeEach(async () => {
    scene = await followedLog();
  });
  afterEach(() => scene.stop());

  it('follows again and reports why when a call for its batch never gets an answer', async () => {
    const never = deferred();
    scene.noted.beforeApply = () => {
      scene.noted.beforeApply = async () => undefined;
      return never.promise;
    };
    scene.follow();
    await scene.untilCaughtUp();
    expect(scene.statuses.map(({ lastError }) => lastError)).to.deep.equal([
      'no store has answered for 30 s: following again',
      null,
    ]);
    // The answer comes after all: it changes nothing any more.
    const moves = scene.noted.moves.length;
    never.resolve();
    await rest();
    expect(scene.noted.moves.length).to.equal(moves);
  });

  it('follows again and reports why when the subscription does not deliver events that the log has', async () => {
    const signals: AbortSignal[] = [];
    scene.follow({
      async *subscribe(options) {
        signals.push(options.signal);
        if (signals.length === 1) await deferred().promise;
        yield* scene.store.subscribe(options);
      },
    });
    await scene.untilCaughtUp();
    expect(signals.map((signal) => signal.aborted)).to.deep.equal([true, false]);
    expect(scene.statuses[0]).to.include({
      state: 'stalled',
      lastError: 'the event store has delivered nothing of what it holds for 30 s: following again',
    });
  });

  it('waits for new events for any time, with one check of the head every ten seconds', async () => {
    let looks = 0;
    let subscriptions = 0;
    scene.follow({
      head: () => {
        looks += 1;
        return scene.store.head();
      },
      subscribe(options) {
        subscriptions += 1;
        return scene.store.subscribe(options);
      },
    });
    await scene.untilCaughtUp();
    const before = { looks, subscriptions, now: scene.time.now() };
    await scene.time.until(eventually('100 s', () => scene.time.now() - before.now >= 100_000));
    expect(looks - before.looks)
      .to.be.at.most((scene.time.now() - before.now) / 10_000 + 1)
      .and.at.least(9);
    expect(subscriptions).to.equal(before.subscriptions);
    expect(scene.statuses).to.deep.equal([]);
  });

  it('is stalled while the event store does not answer, even if nothing was written', async () => {
    let isAway = false;
    const away = new EventStoreError('the event store does not answer', { outcomeUnknown: false });
    const expectThere = (): void => {
      if (isAway) throw away;
    };
    const one = scene.follow({
      head: async () => {
        expectThere();
        return scene.store.head();
      },
      subscribe(options) {
        expectThere();
        return scene.store.subscribe(options);
      },
    });
    await scene.untilCaughtUp();
    isAway = true;
    await scene.inTime('the view is stalled', () => one.status().state === 'stalled');
    expect(one.status().lastError).to.equal(away.message);
    isAway = false;
    await scene.inTime('the view is live', () => one.status().state === 'live');
    expect(one.status().lastError).to.equal(null);
  });

  it('pauses before it follows again when the subscription ends without an error', async () => {
    let subscriptions = 0;
    scene.follow({
      // eslint-disable-next-line require-yield
      async *subscribe() {
        subscriptions += 1;
      },
    });
    await eventually('it says so', () => scene.statuses.length === 1);
    await rest();
    expect(subscriptions).to.equal(1);
    await scene.inTime('it has tried again', () => subscriptions >= 3);
  });
});
