import { expect } from 'chai';
import { createUnderWay } from '../../src/tracing/underWay.ts';
import { watchEventLoop, type EventLoopWatch, type Stall } from '../../src/tracing/eventLoopWatch.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';

describe('The watch over the event loop', () => {
  let clock: ManualClock;
  let watch: EventLoopWatch;
  let underWay: ReturnType<typeof createUnderWay>;
  let reported: Stall[];

  beforeEach(() => {
    clock = manualClock();
    underWay = createUnderWay();
    reported = [];
    const now = (): string => new Date(clock.now()).toISOString();
    watch = watchEventLoop({ underWay, now, clock, onStall: (stall) => reported.push(stall) });
  });
  afterEach(() => {
    watch.stop();
  });

  /** Lets the watch look once, `lateMs` later than it was due. */
  async function look(lateMs = 0): Promise<void> {
    await clock.sleeping(1);
    clock.advance(10 + lateMs);
    await clock.sleeping(1);
  }

  it('reports the longest stall of the last minute and the work under way during it', async () => {
    underWay.work('GET /audit').begin();
    underWay.work('command EditUser').begin();
    underWay.work('command EditUser').end();
    await look(150);
    underWay.work('GET /audit').end();
    await look(40);
    expect(watch.longest()).to.include({ ms: 150, at: '1970-01-01T00:00:00.160Z' });
    expect(watch.longest()?.during).to.deep.equal(['GET /audit', 'command EditUser']);
  });

  it('forgets the longest stall after a minute, and then reports the second longest', async () => {
    await look(300);
    // Each look is on time: a minute passes in them.
    for (let n = 0; n < 3_000; n += 1) await look();
    await look(100);
    await look(50);
    expect(watch.longest()?.ms).to.equal(300);
    for (let n = 0; n < 3_000; n += 1) await look();
    expect(watch.longest()?.ms).to.equal(100);
  });

  it('names work that began and ended within the stall, but not work that ended before', async () => {
    underWay.work('GET /users').begin();
    underWay.work('GET /users').end();
    await look();
    underWay.work('POST /users').begin();
    underWay.work('POST /users').end();
    await look(60);
    expect(watch.longest()?.during).to.deep.equal(['POST /users']);
  });

  it('reports a stall of 200 ms, and not one of 199 ms', async () => {
    await look(199);
    expect(reported).to.deep.equal([]);
    underWay.work('GET /audit').begin();
    await look(200);
    expect(reported).to.have.lengthOf(1);
    expect(reported[0]).to.include({ ms: 200 });
    expect(reported[0]?.during).to.deep.equal(['GET /audit']);
  });

  it('logs at most once in ten seconds, and then the longest stall since the last log line', async () => {
    await look(200);
    await look(500);
    await look(300);
    expect(reported.map(({ ms }) => ms)).to.deep.equal([200]);
    for (let n = 0; n < 1_000; n += 1) await look();
    expect(reported.map(({ ms }) => ms)).to.deep.equal([200, 500]);
  });

  it('stops watching once it is stopped', async () => {
    await clock.sleeping(1);
    watch.stop();
    clock.advance(500);
    expect(watch.longest()).to.equal(null);
  });
});

describe('Work under way', () => {
  it('stays listed until the last of several pieces with the same name is done', () => {
    const underWay = createUnderWay();
    underWay.work('GET /users').begin();
    underWay.work('GET /users').begin();
    underWay.work('GET /users').end();
    underWay.takeSeen();
    expect(underWay.takeSeen()).to.deep.equal(['GET /users']);
    underWay.work('GET /users').end();
    underWay.takeSeen();
    expect(underWay.takeSeen()).to.deep.equal([]);
  });
});
