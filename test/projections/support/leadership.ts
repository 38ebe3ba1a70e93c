import { ReadModelError } from '../../../src/projections/record/readModelError.ts';
import type { FollowerStatus } from '../../../src/projections/record/followerStatus.ts';
import { NO_VIEW_RECORD, type ViewRecord } from '../../../src/projections/record/viewRecord.ts';
import type { Lease, Leases } from '../../../src/platform/lease.ts';
import type { LogFollower } from '../../../src/projections/following/followLog.ts';
import { runWhileLeading } from '../../../src/projections/maintaining/runWhileLeading.ts';
import { manualClock, type ManualClock } from '../../support/manualClock.ts';

export const RUNNING: FollowerStatus = { state: 'live', position: 7n, lastError: null };

/** Instances that compete for one view, on a manual clock; a test sets what they find. */
export interface Leadership {
  readonly clock: ManualClock;
  /** The head of the log; 'away' while the event store does not answer. */
  head: bigint | null | 'away';
  /** The view's position; 'away' while the read model does not answer. */
  checkpoint: bigint | null | 'away';
  record: ViewRecord;
  /** How often the record was read. */
  readonly looks: number;
  /** What a running projection reports. */
  status: FollowerStatus;
  /** How many projections run. */
  readonly running: number;
  /** The fences of the leases that were taken, null for each that ended, in order. */
  readonly leaderships: readonly (number | null)[];
  start(leases: Leases): LogFollower;
  stop(): Promise<void>;
  /** Lets an instance that stands by check once. */
  look(): Promise<void>;
  /** Lets time pass, second by second, with what happens in between. */
  passTime(ms: number): Promise<void>;
}

export function leadership(): Leadership {
  const clock = manualClock();
  const instances: LogFollower[] = [];
  const leaderships: (number | null)[] = [];
  let running = 0;
  let looks = 0;

  const scene: Leadership = {
    clock,
    head: null,
    checkpoint: null,
    record: { ...NO_VIEW_RECORD, live: 1, newest: 1 },
    status: RUNNING,
    get running() {
      return running;
    },
    get looks() {
      return looks;
    },
    leaderships,
    start(leases) {
      const instance = runWhileLeading({
        name: 'people',
        leases,
        clock,
        run: () => {
          running += 1;
          return {
            status: () => scene.status,
            stop: async () => {
              running -= 1;
            },
          };
        },
        view: {
          checkpoint: async () => {
            if (scene.checkpoint === 'away') throw new ReadModelError('the read model does not answer');
            return scene.checkpoint === null ? null : { position: scene.checkpoint, event: null };
          },
        },
        record: async () => {
          looks += 1;
          return scene.record;
        },
        store: {
          head: async () => {
            if (scene.head === 'away') throw new Error('the event store does not answer');
            return scene.head;
          },
        },
        onLead: (fence) => leaderships.push(fence),
      });
      instances.push(instance);
      return instance;
    },
    async stop() {
      await Promise.all(instances.map((instance) => instance.stop()));
    },
    async look() {
      await clock.sleeping(1);
      clock.advance(1_000);
      await clock.sleeping(1);
    },
    async passTime(ms) {
      for (let passed = 0; passed < ms; passed += 1_000) {
        await clock.sleeping(1);
        clock.advance(1_000);
        for (let tick = 0; tick < 10; tick += 1) await new Promise(setImmediate);
      }
    },
  };
  return scene;
}

/** Leases, or errors, that are given out one after the other; then no more until the end. */
export function given(...leases: (Lease | Error)[]): Leases {
  return {
    expiryMs: 0,
    acquire: async (_name, { signal }) => {
      const next = leases.shift();
      if (next instanceof Error) throw next;
      if (next) return next;
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          resolve(null);
        });
      });
    },
    close: async () => undefined,
  };
}

/** A lease that the test takes away. */
export function aLease(): { lease: Lease; lose(): void; released(): boolean } {
  const lost = new AbortController();
  let released = false;
  return {
    lease: {
      fence: 1,
      lost: lost.signal,
      release: async () => {
        released = true;
      },
    },
    lose: () => {
      lost.abort();
    },
    released: () => released,
  };
}
