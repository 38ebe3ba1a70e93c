import { waitUnlessAborted } from '../../platform/aborted.ts';
import type { Position } from '../../events/eventStore.ts';
import { readViewRecord } from '../../projections/record/recordAccess.ts';
import { isUnfinished } from '../../projections/record/viewRecord.ts';
import {
  maintainViews,
  type MaintainViewsOptions,
  type MaintainedViews,
} from '../../projections/maintaining/maintainViews.ts';
import { waitUntilCaughtUp } from '../../projections/following/waitUntilCaughtUp.ts';
import { monotonicClock } from '../../platform/clock.ts';
import type { StoreError } from '../../platform/storeError.ts';
import { CliError } from '../output/exit.ts';

/** How often to check whether a view can still reach the head, in milliseconds. */
const POLL_MS = 250;

/** How long to wait for the lease holder to restart a failed first build, in milliseconds. */
const MAX_ENDED_MS = 10_000;

/** How long after a refusal another instance may still catch the views up, in milliseconds. */
const MAX_REFUSED_MS = 2_000;

interface CatchUpOptions extends MaintainViewsOptions {
  signal: AbortSignal;
  /** Called now and then with a description of what is being waited for. */
  onWait?(what: string): void;
}

/**
 * Catches the views up with the present head of the log, for a process that serves no requests:
 * runs the projections whose leases are free, waits for the other holders, then releases all
 * leases. Returns that head; views may be behind it if the signal aborted.
 *
 * Rejects with CliError if waiting is pointless, with the error of a store that refuses, with
 * EventStoreError if the event store is unreachable.
 */
export async function catchUpViews(options: CatchUpOptions): Promise<Position | null> {
  const { store, clock } = options;
  const head = await store.head();
  await whileMaintaining(options, async (kept, signal) => {
    await Promise.all(kept.views.map(({ projection }) => waitUntilCaughtUp(projection, head, clock, signal)));
  });
  return head;
}

/**
 * Runs `work`, which waits for the views, in a process that serves no requests, and meanwhile
 * maintains the views whose leases are free. The signal for `work` aborts with that of the options,
 * or once waiting is pointless.
 *
 * Rejects like `work`, with CliError if waiting is pointless, or with the error of a store that refuses.
 */
export async function whileMaintaining<T>(
  options: CatchUpOptions,
  work: (kept: MaintainedViews, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const waiting = AbortSignal.any([options.signal, ended.signal]);
  let refusal: Refusal | null = null;
  const kept = maintainViews({
    ...options,
    onRefusal(error) {
      refusal ??= { error, atMs: monotonicClock.now() };
    },
  });
  try {
    const pointless = new Promise<never>((_, reject) => {
      watch(kept, options, () => refusal, waiting).catch(reject);
    });
    return await Promise.race([work(kept, waiting), pointless]);
  } finally {
    ended.abort();
    await kept.stop();
  }
}

/** The first refusal of a store. */
interface Refusal {
  error: StoreError;
  atMs: number;
}

/** Reports what is being waited for; rejects if that is a newer padron, a rebuild or a store that refuses. */
async function watch(
  { views }: MaintainedViews,
  { readModel, clock, onWait }: CatchUpOptions,
  refused: () => Refusal | null,
  signal: AbortSignal,
): Promise<void> {
  const since = monotonicClock.now();
  const hasTried = new Set<string>();
  while (!signal.aborted) {
    await waitUnlessAborted(clock, POLL_MS, signal);
    const refusal = refused();
    if (refusal && monotonicClock.now() - refusal.atMs >= MAX_REFUSED_MS) throw refusal.error;
    for (const { name, version, runner } of views) {
      const { state, lastError } = runner.status();
      if (state === 'paused') throw notCaughtUp(name, lastError);
      const record = await readViewRecord(readModel.controls, { name, version }).catch(() => null);
      const [newest] = record?.jobs ?? [];
      if (record?.live === null && newest) {
        if (isUnfinished(newest)) hasTried.add(name);
        else if (hasTried.has(name) || monotonicClock.now() - since > MAX_ENDED_MS) {
          throw notCaughtUp(name, newest.error);
        }
        const share = `${Math.floor(newest.share * 100)} %`;
        onWait?.(`building the view ${name}: ${newest.error ?? share}`);
      } else if (lastError !== null) {
        onWait?.(`waiting for the view ${name}: ${lastError}`);
      }
    }
  }
}

const notCaughtUp = (view: string, reason: string | null): CliError =>
  new CliError(`the view ${view} does not reach the end of the log: ${reason ?? 'its job has ended'}`);
