import { expect } from 'chai';
import type { Lease, Leases } from '../../src/platform/lease.ts';
import type { HolderProcess } from '../support/holderProcess.ts';
import type { ManualClock } from '../support/manualClock.ts';
import { manualClock } from '../support/manualClock.ts';

/** An empty storage that one test owns. */
export interface LeasesUnderTest {
  /** One more instance on this storage, with a clock of its own. */
  instance(clock: ManualClock): Promise<Leases>;
  /** Another process that holds a lease. */
  holder(name: string): Promise<HolderProcess>;
  /** Closes every instance and removes the storage. */
  close(): Promise<void>;
}

/** The rules of the Leases port, to be run against every adapter. No test waits for real time. */
export function describeLeaseContract(name: string, open: () => Promise<LeasesUnderTest>): void {
  describe(`Leases on ${name}`, () => {
    let storage: LeasesUnderTest;
    let here: Leases;
    let there: Leases;
    let clock: ManualClock;

    beforeEach(async () => {
      storage = await open();
      clock = manualClock();
      here = await storage.instance(manualClock());
      there = await storage.instance(clock);
    });

    afterEach(() => storage.close());

    const take = async (leases: Leases, lease = 'people'): Promise<Lease> => {
      const taken = await leases.acquire(lease, { signal: new AbortController().signal });
      if (!taken) throw new Error('a lease is given unless the signal aborts');
      return taken;
    };
    /** Tries without waiting. */
    const attempt = (leases: Leases, lease = 'people'): Promise<Lease | null> =>
      leases.acquire(lease, { signal: AbortSignal.abort() });

    it('grant a free lease at once', async () => {
      const lease = await take(here);
      expect(lease.lost.aborted).to.equal(false);
    });

    it('have one holder at a time; others wait until the lease is released', async () => {
      const first = await take(here);
      const waiting = take(there);
      let given = false;
      void waiting.then(() => (given = true));
      for (let looks = 0; looks < 3; looks++) {
        await clock.sleeping(1);
        clock.advance(600);
      }
      await clock.sleeping(1);
      expect(given).to.equal(false);
      await first.release();
      clock.advance(600);
      expect((await waiting).lost.aborted).to.equal(false);
    });

    it('have one holder at a time within one instance as well', async () => {
      const lease = await take(here);
      expect(await attempt(here)).to.equal(null);
      await lease.release();
      expect(await attempt(here)).not.to.equal(null);
    });

    it('grant a lease to one of several simultaneous callers', async () => {
      for (let round = 0; round < 5; round++) {
        const given = await Promise.all([here, there, here, there].map((leases) => attempt(leases)));
        const holders = given.filter((lease) => lease !== null);
        expect(holders).to.have.lengthOf(1);
        await holders[0]?.release();
      }
    });

    it('are free at once after a release', async () => {
      await (await take(here)).release();
      await take(there);
    });

    it('give each holder a higher fence, even after closing and opening', async () => {
      const fences: number[] = [];
      for (const leases of [here, there, here, there]) {
        const lease = await take(leases);
        fences.push(lease.fence);
        await lease.release();
      }
      await here.close();
      fences.push((await take(await storage.instance(manualClock()))).fence);
      expect(fences).to.deep.equal([...new Set(fences)].sort((a, b) => a - b));
    });

    it('are separate for each name', async () => {
      const people = await take(here, 'people');
      const users = await take(there, 'users');
      await people.release();
      expect(users.lost.aborted).to.equal(false);
      expect(await attempt(here, 'users')).to.equal(null);
      expect(await attempt(here, 'people')).not.to.equal(null);
    });

    it('return null to a caller that stops waiting, and stay free', async () => {
      const first = await take(here);
      const stop = new AbortController();
      const waiting = there.acquire('people', { signal: stop.signal });
      await clock.sleeping(1);
      stop.abort();
      expect(await waiting).to.equal(null);
      expect(first.lost.aborted).to.equal(false);
      await first.release();
      await take(here);
    });

    it('notify the holder of the release', async () => {
      const lease = await take(here);
      await lease.release();
      expect(lease.lost.aborted).to.equal(true);
    });

    it('are not released from the next holder by a second release', async () => {
      const former = await take(here);
      await former.release();
      const next = await take(there);
      await former.release();
      expect(await attempt(here)).to.equal(null);
      expect(next.lost.aborted).to.equal(false);
    });

    it('are released when their instance closes', async () => {
      const lease = await take(here);
      await here.close();
      expect(lease.lost.aborted).to.equal(true);
      await take(there);
    });

    it('pass from a killed process to the waiting one, with a higher fence', async () => {
      const holder = await storage.holder('people');
      try {
        expect(await attempt(here)).to.equal(null);
        await holder.kill();
        const lease = await clock.until(take(there));
        expect(lease.fence).to.be.greaterThan(holder.fence);
      } finally {
        await holder.kill();
      }
    });
  });
}
