import { expect } from 'chai';
import type { EventBatch, RecordedEvent } from '../../src/events/eventStore.ts';
import { aborted } from '../../src/platform/aborted.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { byValue, followedLog, type FollowedLog, rest } from './support/followedLog.ts';

describe('A follower of the log', () => {
  let scene: FollowedLog;

  beforeEach(async () => {
    scene = await followedLog();
  });
  afterEach(() => scene.stop());

  it('misses no event when a batch is refused because another process moved the checkpoint', async () => {
    const gate = deferred();
    const reached = deferred();
    let subscriptions = 0;
    scene.follow({
      async *subscribe(options) {
        subscriptions += 1;
        if (subscriptions > 1) {
          yield* scene.store.subscribe(options);
          return;
        }
        const [first, ...others] = scene.batches(15);
        yield first!;
        reached.resolve();
        await gate.promise;
        yield* others;
      },
    });
    await reached.promise;
    // Another holder, on a stale lease, moves the checkpoint by a few events between two batches of this one.
    scene.moveTo(scene.log.events[19]!);
    gate.resolve();
    await scene.untilCaughtUp();
    expect(scene.applied()).to.deep.equal(scene.positions());
    expect(subscriptions).to.equal(2);
    expect(scene.statuses.map(({ state, lastError }) => [state, lastError])).to.deep.equal([
      ['stalled', 'another process moved the checkpoint: following again from there'],
      ['live', null],
    ]);
  });

  it('follows again from a checkpoint that went back, as after a server lost its last writes in a crash', async () => {
    scene.follow();
    await scene.untilCaughtUp();
    scene.moveTo(scene.log.events[12]!);
    await scene.register(1);
    await scene.untilCaughtUp();
    expect(scene.applied()).to.deep.equal(scene.positions());
  });

  it('pauses after a refused batch, so that two followers do not spin', async () => {
    let subscriptions = 0;
    scene.follow({
      subscribe(options) {
        subscriptions += 1;
        scene.noted.checkpoint = { position: BigInt(subscriptions), event: null };
        return scene.store.subscribe({ ...options, after: null });
      },
    });
    await eventually('it was refused', () => scene.statuses.length === 1);
    await rest();
    expect(subscriptions).to.equal(1);
    await scene.inTime('it has tried again', () => subscriptions >= 3);
  });

  it('prepares the next batch during the present one while it catches up, and no more once it is live', async () => {
    const [first, second, ...others] = scene.batches(15);
    scene.follow({
      async *subscribe(options) {
        yield first!;
        yield second!;
        yield* others;
        yield* scene.store.subscribe({ ...options, after: scene.log.events.at(-1)!.position });
      },
    });
    await scene.untilCaughtUp();
    const starts = [first, second, ...others].map((batch) => batch!.events[0]?.position);
    expect(scene.noted.prepared).to.deep.equal(starts.slice(1).map((start, at) => [start, starts[at]]));

    await scene.register(2);
    await scene.untilCaughtUp();
    expect(scene.noted.prepared).to.have.length(starts.length - 1);
  });

  it('does not apply a batch again that is before the checkpoint', async () => {
    const [first, second, ...others] = scene.batches(15);
    const isDone = deferred();
    scene.follow({
      async *subscribe({ signal }) {
        yield first!;
        yield second!;
        yield second!;
        yield first!;
        yield* others;
        isDone.resolve();
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
      },
    });
    await isDone.promise;
    expect(scene.noted.moves).to.deep.equal([...scene.noted.moves].sort(byValue));
    expect(scene.noted.moves.length).to.equal(others.length + 2);
    expect(scene.statuses).to.deep.equal([]);
  });

  it('reports where it is before the first events arrive', async () => {
    scene.moveTo(scene.log.events[12]!);
    const one = scene.follow({
      async *subscribe({ signal }) {
        await aborted(signal);
        yield* [];
      },
    });
    await eventually('its position', () => one.status().position === scene.log.events[12]!.position);
    expect(one.status()).to.include({ state: 'catching-up', lastError: null });
  });

  it('lets events gather once it has caught up, the longer the more there were', async () => {
    const many = (events: number, caughtUp: boolean, position: bigint): EventBatch => ({
      events: Array<RecordedEvent>(events).fill(scene.log.events[0]!),
      position,
      mark: null,
      caughtUp,
    });
    scene.follow({
      async *subscribe({ signal }) {
        yield many(500, false, 1n);
        yield many(4, true, 2n);
        yield many(100, true, 3n);
        yield many(500, true, 4n);
        await aborted(signal);
      },
    });
    await eventually('all are applied', () => scene.noted.checkpoint?.position === 4n);
    await rest();
    expect(scene.gathered).to.deep.equal([20, 50, 100]);
  });

  it('pauses a short time again after a failure that follows a success', async () => {
    const pauses: number[] = [];
    const { sleep } = scene.time;
    scene.time.sleep = (ms, signal) => {
      if (ms < 10_000) pauses.push(ms);
      return sleep(ms, signal);
    };
    let subscriptions = 0;
    scene.follow({
      async *subscribe() {
        subscriptions += 1;
        if (subscriptions === 5) yield scene.batches(15)[0]!;
      },
    });
    await scene.inTime('it has failed six times', () => pauses.length >= 6);
    expect(Math.max(...pauses.slice(0, 4)), 'longer each time').to.be.at.least(400);
    expect(pauses[4], 'after the success').to.be.at.most(100);
  });

  it('reports no failure when it is stopped', async () => {
    const one = scene.follow();
    await scene.untilCaughtUp();
    await rest();
    const before = one.status();
    await one.stop();
    expect(one.status()).to.deep.equal(before);
    expect(scene.statuses).to.deep.equal([]);
  });

  it('stops after the current batch', async () => {
    const gate = deferred();
    const isApplying = deferred();
    scene.noted.beforeApply = () => {
      isApplying.resolve();
      return gate.promise;
    };
    const one = scene.follow();
    await isApplying.promise;
    let isStopped = false;
    const stopped = one.stop().then(() => {
      isStopped = true;
    });
    await rest();
    expect(isStopped).to.equal(false);
    gate.resolve();
    await stopped;
    expect(scene.noted.moves.length).to.equal(1);
  });
});
