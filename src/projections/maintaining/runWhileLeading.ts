import { aborted } from '../../platform/aborted.ts';
import type { EventStore, Position } from '../../events/eventStore.ts';
import { reasonOf } from '../../platform/padronError.ts';
import type { ViewRecord } from '../ports/viewRecord.ts';
import { monotonicClock, type Clock, type Lease, type Leases } from '../ports/lease.ts';
import { observedStatus } from './observedStatus.ts';
import type { Projection } from '../folding/projection.ts';
import type { LogFollower, FollowerStatus } from '../following/followLog.ts';

/** How often an instance looks how its own runner is, or how far the view is that another one keeps; milliseconds. */
const LOOK_MS = 1_000;
/** Pause after the leases' storage did not answer, in milliseconds. */
const RETRY_MS = 500;
/**
 * How long a holder may be stalled or paused before it releases the lease, in milliseconds: twice as long each time, so that one
 * that is alone is not always busy with releasing; but never so long that an upgraded instance waits for it noticeably.
 */
const UNFIT_MS = { min: 5_000, max: 30_000 };
/** How much later than others it competes then, in milliseconds: they look twice a second. */
const HANDICAP_MS = 3_000;

export interface RunWhileLeadingDependencies {
  /** What the lease is called. */
  name: string;
  leases: Leases;
  /** Starts the projection; called each time the lease is taken. */
  run(): LogFollower;
  /** The view, whoever runs its projection. */
  view: Pick<Projection, 'checkpoint'>;
  /** The view's record, null before there is one. Rejects with ReadModelError. */
  record(): Promise<ViewRecord | null>;
  store: Pick<EventStore, 'head'>;
  clock?: Clock;
  /** Told when this instance takes the lead (with the lease's fence), and when it no longer has it (null). */
  onLead(fence: number | null): void;
}

/**
 * Runs a projection on one instance at a time: while this one holds the view's lease, standing by otherwise. A lease keeps two from
 * doing the same work; what keeps the view right is the checkpoint's compare-and-set, should a holder be paused at any instruction.
 *
 * A holder whose runner is stalled or paused for some seconds releases the lease and competes later than the others: one that can do
 * the work takes over. The status is the runner's while it runs here, else what the record and the checkpoint say.
 */
export function runWhileLeading(dependencies: RunWhileLeadingDependencies): LogFollower {
  const { name, leases, run, view, record, store, clock = monotonicClock, onLead } = dependencies;
  const stopping = new AbortController();
  let runner: LogFollower | null = null;
  let observed: FollowerStatus = { state: 'catching-up', position: null, lastError: null };
  let patienceMs = UNFIT_MS.min;

  /** Settles when the runner has not been able to work for as long as that is tolerated, or the signal aborts. */
  async function untilUnfit(own: LogFollower, signal: AbortSignal): Promise<void> {
    let fitAt = clock.now();
    while (clock.now() - fitAt < patienceMs) {
      await clock.sleep(LOOK_MS, signal);
      if (signal.aborted) return;
      const { state } = own.status();
      if (state === 'stalled' || state === 'paused') continue;
      fitAt = clock.now();
      patienceMs = UNFIT_MS.min;
    }
    patienceMs = Math.min(2 * patienceMs, UNFIT_MS.max);
  }

  async function runWhile(lease: Lease): Promise<void> {
    onLead(lease.fence);
    const own = run();
    runner = own;
    const leaving = new AbortController();
    const over = AbortSignal.any([lease.lost, stopping.signal, leaving.signal]);
    await Promise.race([aborted(over), untilUnfit(own, over)]);
    const isUnfit = !over.aborted;
    leaving.abort();
    observed = own.status();
    runner = null;
    await own.stop();
    onLead(null);
    // Where the storage does not answer, it ends like that of a holder that died.
    await lease.release().catch(() => undefined);
    if (isUnfit) await clock.sleep(HANDICAP_MS, stopping.signal);
  }

  async function compete(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const lease = await leases.acquire(name, { signal: stopping.signal });
        if (lease) await runWhile(lease);
      } catch (error) {
        observed = { ...observed, state: 'stalled', lastError: reasonOf(error) };
        await clock.sleep(RETRY_MS, stopping.signal);
      }
    }
  }

  /** What can be said of a view that another instance keeps. */
  async function watch(): Promise<void> {
    let moved = { position: null as Position | null, at: clock.now() };
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, stopping.signal);
      if (runner) continue;
      try {
        const control = await record();
        const position = (await view.checkpoint())?.position ?? null;
        const head = await store.head().catch(() => undefined);
        if (moved.position !== position) moved = { position, at: clock.now() };
        const stillMs = clock.now() - moved.at;
        observed = observedStatus({ control, position, head, stillMs, before: observed.state });
      } catch (error) {
        observed = { state: 'stalled', position: observed.position, lastError: reasonOf(error) };
      }
    }
  }

  const ended = Promise.all([compete(), watch()]);
  return {
    status: () => runner?.status() ?? observed,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}
