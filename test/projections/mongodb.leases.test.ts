import { expect } from 'chai';
import type { Lease, Leases } from '../../src/platform/lease.ts';
import { openMongoLeases } from '../../src/projections/stores/mongodb/leases.ts';
import type { FaultyProxy } from '../support/faultyProxy.ts';
import { startFaultyProxy } from '../support/faultyProxy.ts';
import { startHolder } from '../support/holderProcess.ts';
import type { ManualClock } from '../support/manualClock.ts';
import { manualClock } from '../support/manualClock.ts';
import type { TestDatabase } from '../support/mongodb.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { describeLeaseContract } from '../platform/leaseContract.ts';

const BEAT = 500;
const EXPIRY = 2_500;

describeOnMongo('MongoDB', () => {
  describeLeaseContract('MongoDB', async () => {
    const database = testDatabase();
    const opened: Leases[] = [];
    return {
      instance: async (clock) => {
        const leases = await openMongoLeases({ url: database.url, clock });
        opened.push(leases);
        return leases;
      },
      holder: (name) => startHolder('mongodb', database.url, name),
      close: async () => {
        await Promise.all(opened.map((leases) => leases.close()));
        await database.drop();
      },
    };
  });

  describe('a lease on MongoDB', () => {
    let database: TestDatabase;
    let opened: Leases[];
    let proxy: FaultyProxy;

    beforeEach(async () => {
      database = testDatabase();
      opened = [];
      proxy = await startFaultyProxy(database.url);
    });

    afterEach(async () => {
      await proxy.close();
      await Promise.all(opened.map((leases) => leases.close().catch(() => undefined)));
      await database.drop();
    });

    const instance = async (clock: ManualClock, url = database.url): Promise<Leases> => {
      const leases = await openMongoLeases({ url, clock, beatMs: BEAT, expiryMs: EXPIRY });
      opened.push(leases);
      return leases;
    };
    const take = async (leases: Leases): Promise<Lease> => {
      const lease = await leases.acquire('people', { signal: new AbortController().signal });
      if (!lease) throw new Error('a lease is given unless the signal aborts');
      return lease;
    };

    it('stays with a holder that renews it, however long others wait', async () => {
      const clock = manualClock();
      const holder = await take(await instance(clock));
      let given = false;
      void take(await instance(clock)).then(
        () => (given = true),
        () => undefined,
      );
      for (let passed = 0; passed < 4 * EXPIRY; passed += BEAT) {
        await clock.sleeping(3); // the holder's beats, its guard, and who waits
        clock.advance(BEAT);
      }
      await clock.sleeping(3);
      expect(given).to.equal(false);
      expect(holder.lost.aborted).to.equal(false);
    });

    it('is taken over when its heartbeat has not moved for the whole expiry on the waiter’s clock, not before', async () => {
      await take(await instance(manualClock())); // its clock stands still: it never beats
      const clock = manualClock();
      let given = false;
      const waiting = take(await instance(clock)).finally(() => (given = true));
      for (let passed = 0; passed < EXPIRY; passed += BEAT) {
        await clock.sleeping(1);
        expect(given, `after ${passed} ms`).to.equal(false);
        clock.advance(BEAT);
      }
      expect((await waiting).fence).to.equal(2);
    });

    it('counts as lost for a paused holder, by its own clock, before another could take it', async () => {
      const clock = manualClock();
      const holder = await take(await instance(clock));
      await clock.sleeping(2);
      clock.advance(EXPIRY - BEAT);
      await new Promise(setImmediate);
      expect(holder.lost.aborted).to.equal(true);
    });

    it('is free at once when a holder that was paused past its expiry releases it before another takes it', async () => {
      const paused = manualClock();
      const holder = await take(await instance(paused));
      await paused.sleeping(2);
      paused.advance(EXPIRY);
      await new Promise(setImmediate);
      expect(holder.lost.aborted).to.equal(true);
      await holder.release();
      // The clock of the next holder stands still: it waits for nothing.
      expect((await take(await instance(manualClock()))).fence).to.equal(2);
    });

    it('counts as lost, at the next renewal and by its fence, for a holder whose clock is too slow', async () => {
      const slow = manualClock();
      const holder = await take(await instance(slow));
      const clock = manualClock();
      const next = await clock.until(take(await instance(clock)));
      expect(holder.lost.aborted, 'before the beat').to.equal(false);
      const lost = new Promise((resolve) => {
        holder.lost.addEventListener('abort', resolve);
      });
      slow.advance(BEAT);
      await lost;
      await holder.release();
      expect(next.lost.aborted).to.equal(false);
    });

    it('counts as lost for a holder that cannot reach the server, and is free for others after the expiry', async () => {
      const cut = manualClock();
      const holder = await take(await instance(cut, proxy.url));
      proxy.silence();
      await cut.sleeping(2);
      cut.advance(BEAT); // this beat gets no answer
      cut.advance(EXPIRY - 2 * BEAT);
      await new Promise(setImmediate);
      expect(holder.lost.aborted).to.equal(true);
      const clock = manualClock();
      expect((await clock.until(take(await instance(clock)))).fence).to.equal(2);
    });

    it('is recognised as acquired when the reply was lost', async () => {
      const clock = manualClock();
      const leases = await instance(clock, proxy.url);
      proxy.loseNextAnswerTo('insert');
      const lease = await take(leases);
      expect(lease.fence).to.equal(1);
      await lease.release();
      proxy.loseNextAnswerTo('update');
      expect((await take(leases)).fence).to.equal(2);
      expect(proxy.lost).to.deep.equal(['insert', 'update']);
    });

    it('passes on from a suspended process, which learns of it when it resumes', async () => {
      const holder = await startHolder('mongodb', database.url, 'people');
      try {
        holder.signal('SIGSTOP');
        const clock = manualClock();
        const lease = await clock.until(take(await instance(clock)));
        expect(lease.fence).to.equal(holder.fence + 1);
        holder.signal('SIGCONT');
        expect(await holder.says()).to.equal('lost');
      } finally {
        await holder.kill();
      }
    });
  });
});
