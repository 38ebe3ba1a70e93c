import { aborted } from '../../platform/aborted.ts';
import type { EventStore, Position } from '../../events/eventStore.ts';
import { reasonOf } from '../../platform/padronError.ts';
import type { ViewRecord } from '../record/viewRecord.ts';
import { runningClock, type MonotonicClock } from '../../platform/clock.ts';
import { whileHolding, type Lease, type Leases } from '../../platform/lease.ts';
import { observedStatus } from './observedStatus.ts';
import type { Consumer } from '../ports/consumer.ts';
import type { LogFollower } from '../following/followLog.ts';
import type { FollowerStatus } from '../record/followerStatus.ts';

/** How often an instance checks its own follower, or the view that another maintains; milliseconds. */
const POLL_MS = 1_000;
/** Pause after the lease storage did not answer, in milliseconds. */
const RETRY_MS = 500;
/**
 * How long a holder may be stalled or paused before it releases the lease, in milliseconds: doubled
 * each time, so that a single instance is not always releasing, but short enough that an upgraded
 * instance does not wait noticeably.
 */
const UNFIT_MS = { min: 5_000, max: 30_000 };
/** How much later than others it competes after that, in milliseconds: they check twice a second. */
const UNFIT_PAUSE_MS = 3_000;

interface RunWhileLeadingDependencies {
  /** The lease's name. */
  name: string;
  leases: Leases;
  /** Starts the projection; called each time the lease is taken. */
  run(): LogFollower;
  /** The view, whichever instance maintains it. */
  view: Pick<Consumer, 'checkpoint'>;
  /** The view's record, null if there is none yet. Rejects with ReadModelError. */
  record(): Promise<ViewRecord | null>;
  store: Pick<EventStore, 'head'>;
  clock: MonotonicClock;
  /** Called with the fence when this instance takes the lease, with null when it no longer holds it. */
  onLead(fence: number | null): void;
  /** Called with each error after which it competes for the lease again. */
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * Runs a projection on one instance at a time: while this one holds the view's lease (which only
 * avoids duplicate work: see Leases); otherwise it waits.
 *
 * A holder that is stalled or paused for some seconds releases the lease and competes later than
 * the others, so that an instance that can do the work takes over. The status is the follower's
 * while it runs here, otherwise what the record and the checkpoint say.
 */
export function runWhileLeading(dependencies: RunWhileLeadingDependencies): LogFollower {
  const { name, leases, run, view, record, store, clock, onLead, onError } = dependencies;
  const stopping = new AbortController();
  let runner: LogFollower | null = null;
  let observed: FollowerStatus = { state: 'catching-up', position: null, lastError: null };
  let toleratedMs = UNFIT_MS.min;

  /** Resolves when the follower has been unfit for as long as is tolerated, or the signal aborts. */
  async function untilUnfit(own: LogFollower, signal: AbortSignal): Promise<void> {
    const running = runningClock(clock);
    let fitAt = running.now();
    while (running.now() - fitAt < toleratedMs) {
      await running.sleep(POLL_MS, signal);
      if (signal.aborted) return;
      const { state } = own.status();
      if (state === 'stalled' || state === 'paused') continue;
      fitAt = running.now();
      toleratedMs = UNFIT_MS.min;
    }
    toleratedMs = Math.min(2 * toleratedMs, UNFIT_MS.max);
  }

  /** Returns whether the follower was unable to work. */
  async function runWhile(lease: Lease): Promise<boolean> {
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
    return isUnfit;
  }

  async function compete(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        const isUnfit = await whileHolding(leases, name, stopping.signal, runWhile);
        if (isUnfit) await clock.sleep(UNFIT_PAUSE_MS, stopping.signal);
      } catch (error) {
        observed = { ...observed, state: 'stalled', lastError: reasonOf(error) };
        onError?.(error);
        await clock.sleep(RETRY_MS, stopping.signal);
      }
    }
  }

  /** The observed status of a view that another instance maintains. */
  async function watch(): Promise<void> {
    const running = runningClock(clock);
    let moved = { position: null as Position | null, at: running.now() };
    while (!stopping.signal.aborted) {
      await running.sleep(POLL_MS, stopping.signal);
      if (runner) continue;
      try {
        const control = await record();
        const position = (await view.checkpoint())?.position ?? null;
        const head = await store.head().catch(() => undefined);
        if (moved.position !== position) moved = { position, at: running.now() };
        const stillMs = running.now() - moved.at;
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
