import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { watchStore, type Away, type StoreWatch } from '../../src/availability/storeWatch.ts';
import { deferred } from '../support/deferred.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';

class Unanswered extends Error {}

describe('The watch over a store', () => {
  let clock: ManualClock;
  let watch: StoreWatch;
  let probes: number;
  let answerProbe: () => Promise<unknown>;
  let changes: (Away | null)[];

  beforeEach(() => {
    clock = manualClock();
    probes = 0;
    changes = [];
    answerProbe = async () => null;
    watch = watchStore({
      probe: () => {
        probes += 1;
        return answerProbe();
      },
      isUnanswered: (error) => error instanceof Unanswered,
      refusal: ({ since }, begun) => new Error(`away since ${since}${begun ? ', cut' : ''}`),
      now: () => `noon+${clock.now()}`,
      onChange: (away) => changes.push(away),
      clock,
    });
  });
  afterEach(() => {
    watch.stop();
  });

  /** Lets the watch's ticks pass, one after the other. */
  async function pass(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += 100) {
      clock.advance(100);
      await nextTurn();
    }
  }
  const never = (): Promise<never> => new Promise<never>(() => undefined);
  const rejection = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'no rejection',
      (error: unknown) => (error as Error).message,
    );

  it('passes calls through and settles as they do', async () => {
    expect(await watch.run(async () => 7)).to.equal(7);
    const failure = new TypeError('wrong');
    expect(await rejection(watch.run(() => Promise.reject(failure)))).to.equal('wrong');
    expect(watch.away()).to.equal(null);
    expect(probes).to.equal(0);
  });

  it('aborts a call within a second when the store stops answering, and then refuses at once', async () => {
    answerProbe = never;
    const cut = rejection(watch.run(never));
    await pass(800);
    expect(watch.away()).to.deep.equal({ since: 'noon+800' });
    expect(await cut).to.equal('away since noon+800, cut');
    let isCalled = false;
    const refused = watch.run(async () => {
      isCalled = true;
    });
    expect(await rejection(refused)).to.equal('away since noon+800');
    expect(isCalled).to.equal(false);
  });

  it('does not mistake a slow call for an outage while the probe is answered', async () => {
    const end = deferred();
    const slow = watch.run(() => end.promise.then(() => 'done'));
    await pass(10_000);
    expect(watch.away()).to.equal(null);
    expect(probes).to.be.greaterThan(2);
    end.resolve();
    expect(await slow).to.equal('done');
  });

  it('does not mistake an unanswered probe for an outage while other calls are answered', async () => {
    answerProbe = never;
    void rejection(watch.run(never));
    for (let round = 0; round < 10; round += 1) {
      await pass(500);
      expect(await watch.run(async () => round)).to.equal(round);
    }
    expect(watch.away()).to.equal(null);
  });

  it('probes at once after an unanswered call, and reports an outage only if the probe fails too', async () => {
    const lost = (): Promise<never> => Promise.reject(new Unanswered('lost'));
    await rejection(watch.run(lost));
    await nextTurn();
    expect([probes, watch.away()]).to.deep.equal([1, null]);
    answerProbe = lost;
    await rejection(watch.run(lost));
    await nextTurn();
    expect(watch.away()).to.deep.equal({ since: 'noon+0' });
  });

  it('notices an outage without any request', async () => {
    answerProbe = () => Promise.reject(new Unanswered('lost'));
    await pass(1_000);
    expect(watch.away()).to.not.equal(null);
  });

  it('notices the store’s return, and reports outage and return once each', async () => {
    answerProbe = never;
    await pass(2_000);
    expect(watch.away()).to.not.equal(null);
    await pass(5_000);
    answerProbe = async () => null;
    await pass(1_500);
    expect(watch.away()).to.equal(null);
    expect(await watch.run(async () => 'there')).to.equal('there');
    expect(changes.map((one) => one !== null)).to.deep.equal([true, false]);
  });

  it('counts an error as an answer', async () => {
    answerProbe = () => Promise.reject(new TypeError('refused'));
    await pass(5_000);
    expect(watch.away()).to.equal(null);
  });

  it('is not misled by a pause of its own process', async () => {
    const end = deferred();
    answerProbe = () => end.promise;
    const call = watch.run(() => end.promise);
    await pass(300);
    clock.advance(60_000);
    await nextTurn();
    end.resolve();
    await call;
    await pass(500);
    expect(changes).to.deep.equal([]);
  });

  it('stops probing at its end', async () => {
    watch.stop();
    await pass(5_000);
    expect(probes).to.equal(0);
  });
});
