import { reasonOf } from '../padronError.ts';
import { aborted } from '../aborted.ts';
import type { EventStore, Position } from '../events/eventStore.ts';
import { monotonicClock, type Clock, type Lease, type Leases } from './lease.ts';
import type { Projection } from './projection.ts';
import type { Runner, RunnerStatus } from './runner.ts';

/** How often an instance that stands by looks how far the view is, in milliseconds. */
const LOOK_MS = 1_000;
/** Looks without any movement of a view that is behind, after which it counts as stalled: a takeover needs 3.5 s at most. */
const LOOKS_UNTIL_STALLED = 5;
/** Pause after the leases' storage did not answer, in milliseconds. */
const RETRY_MS = 500;

export interface LeadDependencies {
  /** What the lease is called. */
  name: string;
  leases: Leases;
  /** Starts the projection; called each time the lease is taken. */
  run(): Runner;
  /** The view, whoever runs its projection. */
  view: Pick<Projection, 'checkpoint'>;
  store: Pick<EventStore, 'head'>;
  clock?: Clock;
  /** Told when this instance takes the lead (with the lease's fence), and when it no longer has it (null). */
  onLead(fence: number | null): void;
}

/**
 * Runs a projection on one instance at a time: while this one holds the view's lease, standing by otherwise. A lease keeps two from
 * doing the same work; what keeps the view right is the checkpoint's compare-and-set, should a holder be paused at any instruction.
 *
 * The status is the runner's while it runs here. On an instance that stands by it is told by the view's checkpoint: level or on the
 * way, catching up, or stalled when nobody moves a view that is behind.
 */
export function lead(dependencies: LeadDependencies): Runner {
  const { name, leases, run, view, store, clock = monotonicClock, onLead } = dependencies;
  const stopping = new AbortController();
  let runner: Runner | null = null;
  let observed: RunnerStatus = { state: 'catching-up', position: null, lastError: null };

  async function runWhile(lease: Lease): Promise<void> {
    onLead(lease.fence);
    const own = run();
    runner = own;
    await aborted(AbortSignal.any([lease.lost, stopping.signal]));
    observed = own.status();
    runner = null;
    await own.stop();
    onLead(null);
    // Where the storage does not answer, it ends like that of a holder that died.
    await lease.release().catch(() => undefined);
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

  /** What can be said of a view that somebody else moves. */
  async function watch(): Promise<void> {
    let seen: Position | null = null;
    let looksWithout = 0;
    while (!stopping.signal.aborted) {
      await clock.sleep(LOOK_MS, stopping.signal);
      if (runner) continue;
      try {
        const head = await store.head();
        const position = (await view.checkpoint())?.position ?? null;
        looksWithout = position === seen ? looksWithout + 1 : 0;
        seen = position;
        observed = statusOf(observed, position, head, looksWithout);
      } catch (error) {
        observed = { ...observed, state: 'stalled', lastError: reasonOf(error) };
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

function statusOf(
  { state }: RunnerStatus,
  position: Position | null,
  head: Position | null,
  looksWithout: number,
): RunnerStatus {
  const isLevel = head === null || (position !== null && position >= head);
  if (isLevel) return { state: 'live', position, lastError: null };
  if (looksWithout >= LOOKS_UNTIL_STALLED) {
    return {
      state: 'stalled',
      position,
      lastError: 'the instance that holds the lease does not move the view',
    };
  }
  return { state: state === 'live' ? 'live' : 'catching-up', position, lastError: null };
}
