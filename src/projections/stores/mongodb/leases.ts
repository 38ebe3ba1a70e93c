import { randomUUID } from 'node:crypto';
import { type MonotonicClock as Clock, monotonicClock } from '../../../platform/clock.ts';
import type { Leases } from '../../ports/lease.ts';
import { UnknownRecordError } from '../../record/readableViewRecord.ts';
import { count, orNull, shaped, text } from '../../record/shape.ts';
import { unlessDuplicate } from '../../../platform/mongodb/answers.ts';
import { answered, connect } from './generation/answered.ts';
import type { MongoConnectionOptions } from '../../../platform/mongodb/connection.ts';
import {
  createHeartbeats,
  type Holding,
  type LeaseDocument,
  type LeaseStore,
  type Timing,
} from './heartbeats.ts';

export interface MongoLeasesOptions extends MongoConnectionOptions {
  clock?: Clock;
  /** How often a holder beats and the others check; milliseconds. */
  beatMs?: number;
  /** How long a heartbeat must be unchanged before another instance takes over; several `beatMs`. */
  expiryMs?: number;
}

/** With these, a killed holder is replaced within 3.5 s: expiry plus at most a beat and a check. */
const BEAT_MS = 500;
const EXPIRY_MS = 2_500;

/**
 * Leases in the collection `leases` of a MongoDB database, for instances on several machines. The
 * holder increments a heartbeat; a waiting instance takes over after seeing it unchanged for
 * `expiryMs` on its own clock. Clocks are never compared, not even with the server's. A holder that
 * cannot beat considers its lease lost one beat before another instance can take it.
 *
 * Uses its own connection, so that bulk writes do not delay heartbeats. Rejects as
 * openMongoReadModel does.
 */
export async function openMongoLeases(options: MongoLeasesOptions): Promise<Leases> {
  const { clock = monotonicClock, beatMs = BEAT_MS, expiryMs = EXPIRY_MS } = options;
  // A heartbeat that is answered after the expiry is useless.
  const connection = await connect({ ...options, timeLimitMs: options.timeLimitMs ?? expiryMs });
  const store: LeaseStore = {
    documents: connection.db.collection<LeaseDocument>('leases'),
    maxTimeMS: connection.timeLimitMs,
  };
  const heartbeats = createHeartbeats(store, { clock, beatMs, expiryMs });

  return {
    // Plus a beat, a check and the time for their answers.
    expiryMs: expiryMs + 3 * beatMs,
    acquire: async (name, { signal }) => {
      const taken = await takeWhenFree(store, name, { clock, beatMs, expiryMs }, signal);
      return taken && heartbeats.hold(taken);
    },
    close: async () => {
      await heartbeats.releaseAll();
      await connection.close();
    },
  };
}

async function takeWhenFree(
  store: LeaseStore,
  name: string,
  { clock, beatMs, expiryMs }: Timing,
  signal: AbortSignal,
): Promise<Holding | null> {
  let seen = { fence: -1, heartbeat: -1, at: 0 };
  for (;;) {
    const asked = clock.now();
    const document = await answered(() =>
      store.documents.findOne({ _id: name }, { maxTimeMS: store.maxTimeMS }),
    );
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
  { documents, maxTimeMS }: LeaseStore,
  name: string,
  from: LeaseDocument | null,
  clock: Clock,
): Promise<Holding | null> {
  const ours = { _id: name, fence: (from?.fence ?? 0) + 1, holder: randomUUID() };
  const { fence, holder } = ours;
  let since = clock.now();
  return answered(async () => {
    if (await documents.findOne(ours, { maxTimeMS })) return { ours, since };
    since = clock.now();
    if (!from) {
      const inserting = documents.insertOne({ ...ours, heartbeat: 0 }, { maxTimeMS });
      return (await unlessDuplicate(inserting)) ? { ours, since } : null;
    }
    const { matchedCount } = await documents.updateOne(
      { _id: name, fence: from.fence, heartbeat: from.heartbeat, holder: from.holder },
      { $set: { fence, heartbeat: 0, holder } },
      { maxTimeMS },
    );
    return matchedCount === 1 ? { ours, since } : null;
  });
}
