import type { MonotonicClock } from '../../../platform/clock.ts';
import { runEvery } from '../../../platform/concurrency/runEvery.ts';
import type { TimedCollection } from '../../../platform/mongodb/connection.ts';
import type { Lease } from '../../../platform/lease.ts';
import { answered } from './generation/answered.ts';

export interface LeaseDocument {
  _id: string;
  /** Increases with each holder. */
  fence: number;
  /** Incremented by the holder with each beat. */
  heartbeat: number;
  /** Random id of one holding, so that a lost answer is recognised; null when released. */
  holder: string | null;
}

export interface Timing {
  clock: MonotonicClock;
  /** How often a holder beats and the others check; milliseconds. */
  beatMs: number;
  /** How long a heartbeat must be unchanged before another instance takes over; several `beatMs`. */
  expiryMs: number;
}

/** A lease that this process has just taken. */
export interface Holding {
  ours: Pick<LeaseDocument, '_id' | 'fence' | 'holder'>;
  /** When the request that took it, or the last acknowledged beat, was sent. */
  since: number;
}

interface Held extends Holding {
  lease: Lease;
  lost: AbortController;
}

/** Holds the leases of this process, four or more, and renews all of them with one command a beat. */
export function createHeartbeats(
  { collection, maxTimeMS }: TimedCollection<LeaseDocument>,
  { clock, beatMs, expiryMs }: Timing,
) {
  const held = new Set<Held>();
  let idle: AbortController | null = null;

  async function beat(): Promise<void> {
    const all = [...held];
    const sent = clock.now();
    const { matchedCount } = await collection.updateMany(
      { $or: all.map(({ ours }) => ours) },
      { $inc: { heartbeat: 1 } },
      { maxTimeMS },
    );
    if (matchedCount === all.length) {
      for (const one of all) one.since = sent;
      return;
    }
    // Another instance has taken one of them: beat one by one to find out which.
    for (const one of all) if (!one.lost.signal.aborted) await beatAlone(one);
  }

  async function beatAlone(one: Held): Promise<void> {
    const sent = clock.now();
    const { matchedCount } = await collection.updateOne(one.ours, { $inc: { heartbeat: 1 } }, { maxTimeMS });
    if (matchedCount === 1) one.since = sent;
    else one.lost.abort();
  }

  /** Declares a lease lost in time, even while a beat is waiting for its answer. */
  async function guard(one: Held): Promise<void> {
    while (!one.lost.signal.aborted) {
      const left = one.since + expiryMs - beatMs - clock.now();
      if (left <= 0) one.lost.abort();
      else await clock.sleep(left, one.lost.signal);
    }
  }

  /** Keeps a lease that was just taken, until it is released or lost. */
  function hold({ ours, since }: Holding): Lease {
    const lost = new AbortController();
    const lease: Lease = {
      fence: ours.fence,
      lost: lost.signal,
      // Even after the guard has declared it lost: if no other instance has taken it yet, the next
      // holder need not wait for the expiry.
      release: async () => {
        lost.abort();
        await answered(() => collection.updateOne(ours, { $set: { holder: null } }, { maxTimeMS }));
      },
    };
    const one: Held = { lease, ours, since, lost };
    held.add(one);
    lost.signal.addEventListener('abort', () => {
      held.delete(one);
      if (held.size > 0) return;
      idle?.abort();
      idle = null;
    });
    if (idle === null) {
      idle = new AbortController();
      // A failed beat is not an error yet: the guard knows how long the last acknowledged one is valid.
      void runEvery(beat, beatMs, clock, idle.signal);
    }
    void guard(one);
    return lease;
  }

  return {
    hold,
    releaseAll: async (): Promise<void> => {
      await Promise.allSettled([...held].map(({ lease }) => lease.release()));
    },
  };
}
