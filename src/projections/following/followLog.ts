import { PadronError } from '../../platform/padronError.ts';
import { createBackoff } from '../../platform/backoff.ts';
import { runningClock, type Clock, type MonotonicClock } from '../../platform/clock.ts';
import type { EventBatch, EventStore, Position } from '../../events/eventStore.ts';
import { createMovement, assertMovement, type Movement } from './assertMovement.ts';
import type { Consumer } from '../ports/consumer.ts';
import type { Checkpoint } from '../record/viewDeclaration.ts';
import { assertSameLog, nextCheckpoint } from './logIdentity.ts';
import { readAhead } from '../../platform/concurrency/readAhead.ts';
import { reportOf } from './whyPaused.ts';
import { settledWithin } from '../../platform/settledWithin.ts';
import { tracedBatch } from '../../tracing/tracedEvents.ts';
import type { FollowerStatus } from '../record/followerStatus.ts';

/** Events folded in memory between writes. */
const BATCH = 500;
/**
 * How long a live follower lets events gather, in milliseconds: a small write costs nearly as much
 * as a large one. The more events arrived, the more are likely to follow, so the longer the wait.
 */
const GATHER_MS = { min: 20, perEvent: 0.5, max: 100 };
const PAUSE_MS = { minMs: 100, maxMs: 10_000 };
/** How long the current batch may take after a stop; stores answer or fail sooner. */
const MAX_LEAVING_MS = 15_000;

export interface LogFollower {
  status(): FollowerStatus;
  /** Stops after the current batch. */
  stop(): Promise<void>;
}

interface FollowerDependencies {
  consumer: Consumer;
  store: EventStore;
  clock: Clock;
  /** Measures pauses and standstills. */
  timer: MonotonicClock;
  /** Called when the state changes to stalled or paused, and back. */
  onChange(status: FollowerStatus): void;
  /** Called with each error after which it tries again. */
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * Keeps a consumer up to date until it is stopped: reads the log after the checkpoint, applies the
 * events, which moves the checkpoint. If a batch is refused, or the follower stands still behind the
 * log, it drops the subscription and, after a pause, follows again from the stored checkpoint.
 */
export function followLog(dependencies: FollowerDependencies): LogFollower {
  const { consumer, store, clock, timer, onChange, onError } = dependencies;
  const stopping = new AbortController();
  const backoff = createBackoff({ ...PAUSE_MS, clock: timer });
  let status: FollowerStatus = { state: 'catching-up', position: null, lastError: null };

  function become(next: FollowerStatus): void {
    const changed = next.lastError !== status.lastError;
    status = next;
    if (changed) onChange(status);
  }

  /** The batches after a position. While it catches up, the next one is read and prepared during the present one. */
  function batchesAfter(after: Position | null, signal: AbortSignal): AsyncGenerator<EventBatch> {
    const leaving = new AbortController();
    const batches = store.subscribe({
      after,
      prefixes: consumer.prefixes,
      limit: BATCH,
      signal: AbortSignal.any([signal, leaving.signal]),
    });
    return readAhead(batches, {
      // A live follower lets events gather instead.
      mayReadAhead: ({ caughtUp }) => !caughtUp && status.state !== 'live',
      onNext: (next, present) => consumer.prepare?.(next.events, present.events),
      leave: () => {
        leaving.abort();
      },
    });
  }

  async function follow(movement: Movement, signal: AbortSignal): Promise<void> {
    const isLeft = (): boolean => signal.aborted;
    let checkpoint = await consumer.checkpoint();
    await assertSameLog(store, checkpoint);
    if (isLeft()) return;
    const after = checkpoint?.position ?? null;
    become({ ...status, position: after });
    movement.wait(after);
    for await (const batch of batchesAfter(after, signal)) {
      if (isLeft()) return;
      movement.work();
      const from: Checkpoint | null = checkpoint;
      // A reconnected subscription may repeat events: the checkpoint never moves back.
      if (from === null || batch.position > from.position) {
        const to = nextCheckpoint(from, batch);
        const outcome = await tracedBatch(consumer.name, batch.events, () =>
          consumer.apply(batch.events, from, to),
        );
        if (isLeft()) return;
        if (outcome === 'refused')
          throw new PadronError('another process moved the checkpoint: following again from there');
        checkpoint = to;
      }
      backoff.reset();
      const position = checkpoint?.position ?? null;
      const state = batch.caughtUp || status.state === 'live' ? 'live' : 'catching-up';
      become({ position, state, lastError: null });
      if (batch.caughtUp) await clock.wait(gatherMs(batch.events.length));
      movement.wait(position);
    }
  }

  /** Runs one subscription. Resolves when the follower is stopped; rejects if anything else ends it. */
  async function attempt(): Promise<void> {
    const leaving = new AbortController();
    const leave = (): void => {
      leaving.abort();
    };
    stopping.signal.addEventListener('abort', leave);
    const running = runningClock(timer);
    const movement = createMovement(running);
    const following = follow(movement, leaving.signal);
    try {
      await Promise.race([
        following,
        assertMovement(movement, { store, timer: running, signal: leaving.signal }),
      ]);
      if (!stopping.signal.aborted) throw new PadronError('the subscription to the event store ended');
    } finally {
      leave();
      stopping.signal.removeEventListener('abort', leave);
      await settledWithin(MAX_LEAVING_MS, following, timer);
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await attempt();
      } catch (error) {
        become({ ...reportOf(error), position: status.position });
        onError?.(error);
        await backoff.pause(stopping.signal);
      }
    }
  }

  const running = run();
  return {
    status: () => status,
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

const gatherMs = (events: number): number =>
  Math.min(GATHER_MS.max, Math.max(GATHER_MS.min, events * GATHER_MS.perEvent));
