import { randomUUID } from 'node:crypto';
import { monotonicClock, type MonotonicClock } from '../../../platform/clock.ts';
import { unlessDuplicate } from '../../../platform/mongodb/answers.ts';
import type { MongoConnectionOptions, TimedCollection } from '../../../platform/mongodb/connection.ts';
import type { Leases } from '../../../platform/lease.ts';
import { UnknownRecordError } from '../../record/readModelError.ts';
import { count, orNull, shaped, text } from '../../record/shape.ts';
import { answered, connect } from './generation/answered.ts';
import { createHeartbeats, type Holding, type LeaseDocument, type Timing } from './heartbeats.ts';

/** With these, a killed holder is replaced within 3.5 s: expiry plus at most a beat and a check. */
const USUAL_TIMING: Timing = { clock: monotonicClock, beatMs: 500, expiryMs: 2_500 };

/**
 * Leases in the collection `leases` of a MongoDB database, for instances on several machines. The
 * holder increments a heartbeat; a waiting instance takes over after seeing it unchanged for
 * `expiryMs` on its own clock. Clocks are never compared, not even with the server's. A holder that
 * cannot beat considers its lease lost one beat before another instance can take it.
 *
 * Uses its own connection, so that bulk writes do not delay heartbeats. Rejects as
 * openMongoReadModel does.
 */
export async function openMongoLeases({
  url,
  ...changed
}: Pick<MongoConnectionOptions, 'url'> & Partial<Timing>): Promise<Leases> {
  const timing = { ...USUAL_TIMING, ...changed };
  const { beatMs, expiryMs } = timing;
  // A heartbeat that is answered after the expiry is useless.
  const connection = await connect({ url, timeLimitMs: expiryMs });
  const store = { collection: connection.db.collection<LeaseDocument>('leases'), maxTimeMS: expiryMs };
  const heartbeats = createHeartbeats(store, timing);

  return {
    // Plus a beat, a check and the time for their answers.
    expiryMs: expiryMs + 3 * beatMs,
    acquire: async (name, { signal }) => {
      const taken = await takeWhenFree(store, name, timing, signal);
      return taken && heartbeats.hold(taken);
    },
    close: async () => {
      await heartbeats.releaseAll();
      await connection.close();
    },
  };
}

async function takeWhenFree(
  store: TimedCollection<LeaseDocument>,
  name: string,
  { clock, beatMs, expiryMs }: Timing,
  signal: AbortSignal,
): Promise<Holding | null> {
  const { collection, maxTimeMS } = store;
  let seen = { fence: -1, heartbeat: -1, at: 0 };
  for (;;) {
    const asked = clock.now();
    const document = await answered(() => collection.findOne({ _id: name }, { maxTimeMS }));
    if (document && !isLease(document)) throw new UnknownRecordError(`the lease ${name}`);
    const now = clock.now();
    if (document?.fence !== seen.fence || document.heartbeat !== seen.heartbeat) {
      seen = { fence: document?.fence ?? -1, heartbeat: document?.heartbeat ?? -1, at: now };
    }
    // Counted from the answer that first showed this heartbeat to the query that found it again.
    const expired = asked - seen.at >= expiryMs;
    if (!document || document.holder === null || expired) {
      const taken = await take(store, name, document, clock);
      if (taken) return taken;
    } else {
      await clock.sleep(beatMs, signal);
    }
    if (signal.aborted) return null;
  }
}

const isLease = shaped({ fence: count, heartbeat: count, holder: orNull(text) });

/** Takes the lease from the state that was read, by compare-and-set; null if it has changed. */
async function take(
  { collection, maxTimeMS }: TimedCollection<LeaseDocument>,
  name: string,
  from: LeaseDocument | null,
  clock: MonotonicClock,
): Promise<Holding | null> {
  const ours = { _id: name, fence: (from?.fence ?? 0) + 1, holder: randomUUID() };
  const { fence, holder } = ours;
  let since = clock.now();
  return answered(async () => {
    if (await collection.findOne(ours, { maxTimeMS })) return { ours, since };
    since = clock.now();
    if (!from) {
      const inserting = collection.insertOne({ ...ours, heartbeat: 0 }, { maxTimeMS });
      return (await unlessDuplicate(inserting)) ? { ours, since } : null;
    }
    const { matchedCount } = await collection.updateOne(
      { _id: name, fence: from.fence, heartbeat: from.heartbeat, holder: from.holder },
      { $set: { fence, heartbeat: 0, holder } },
      { maxTimeMS },
    );
    return matchedCount === 1 ? { ours, since } : null;
  });
}
