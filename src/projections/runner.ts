import { waitUnlessAborted } from '../aborted.ts';
import type { Clock } from '../events/clock.ts';
import { UnknownEventError } from '../events/domainEvent.ts';
import type { EventBatch, EventStore, Position } from '../events/eventStore.ts';
import type { Projection } from './projection.ts';
import type { Checkpoint } from './readModel.ts';
import { expectSameLog, ForeignLogError, nextCheckpoint } from './sameLog.ts';

/** Events folded in memory between two writes. */
const BATCH = 500;
/**
 * How long a live runner lets events gather, in milliseconds: one small write costs nearly as much as a large one. The more came, the more are on
 * their way, and the more is gained by waiting for them.
 */
const GATHER_MS = { least: 20, perEvent: 0.5, most: 100 };
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 10_000;

/**
 * catching-up: not yet level. live: level, or on the way. stalled: the last try failed, the next one follows by itself.
 * paused: met an event that only a newer padron knows, or a log that is not the one it has read so far.
 */
export type RunnerState = 'catching-up' | 'live' | 'stalled' | 'paused';

export interface RunnerStatus {
  state: RunnerState;
  position: Position | null;
  /** Why it is stalled or paused; without personal data. */
  lastError: string | null;
}

export interface Runner {
  status(): RunnerStatus;
  /** Ends after the batch in hand. */
  stop(): Promise<void>;
}

export interface RunnerDependencies {
  projection: Projection;
  store: EventStore;
  clock: Clock;
  /** Told when the state changes to stalled or paused, and back. */
  onChange(status: RunnerStatus): void;
}

/** Keeps one view up to date until it is stopped: reads the log behind the checkpoint, folds, writes, moves the checkpoint. */
export function runView({ projection, store, clock, onChange }: RunnerDependencies): Runner {
  const stopping = new AbortController();
  let status: RunnerStatus = { state: 'catching-up', position: null, lastError: null };
  let pause = SHORTEST_PAUSE_MS;

  function become(next: Partial<RunnerStatus>): void {
    const changed = next.lastError !== undefined && next.lastError !== status.lastError;
    status = { ...status, ...next };
    if (changed) onChange(status);
  }

  async function apply(batch: EventBatch, from: Checkpoint | null): Promise<Checkpoint | null> {
    if (from && batch.position <= from.position) return from;
    const to = nextCheckpoint(from, batch);
    const outcome = await projection.apply(batch.events, from, to);
    return outcome === 'written' ? to : projection.checkpoint();
  }

  async function follow(): Promise<void> {
    let checkpoint = await projection.checkpoint();
    await expectSameLog(store, checkpoint);
    become({ position: checkpoint?.position ?? null });
    const subscription = store.subscribe({
      after: checkpoint?.position ?? null,
      prefixes: projection.prefixes,
      limit: BATCH,
      signal: stopping.signal,
    });
    for await (const batch of subscription) {
      checkpoint = await apply(batch, checkpoint);
      pause = SHORTEST_PAUSE_MS;
      const state = batch.caughtUp ? 'live' : status.state === 'live' ? 'live' : 'catching-up';
      become({ position: checkpoint?.position ?? null, state, lastError: null });
      if (batch.caughtUp) await clock.wait(gatherMs(batch.events.length));
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await follow();
      } catch (error) {
        const waitsForOperator = error instanceof UnknownEventError || error instanceof ForeignLogError;
        become({ state: waitsForOperator ? 'paused' : 'stalled', lastError: (error as Error).message });
        await waitUnlessAborted(clock, pause * (0.5 + Math.random() / 2), stopping.signal);
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
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
  Math.min(GATHER_MS.most, Math.max(GATHER_MS.least, events * GATHER_MS.perEvent));
