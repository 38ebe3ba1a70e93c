import type { EventBatch, EventStore, RecordedEvent } from '../../../src/events/eventStore.ts';
import { followLog, type LogFollower } from '../../../src/projections/following/followLog.ts';
import type { FollowerStatus } from '../../../src/projections/record/followerStatus.ts';
import { eventually } from '../../support/eventually.ts';
import { manualClock, type ManualClock } from '../../support/manualClock.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../../support/memoryEventStore.ts';
import { immediateClock, testProcess } from '../../support/processes.ts';
import { notingProjection, type NotingProjection } from './notingProjection.ts';

const isOfPerson = ({ stream }: { stream: string }): boolean => stream.startsWith('persona-');

/** A log in memory with ten persons, to be followed by a projection that notes what it is given. */
export interface FollowedLog {
  readonly log: MemoryLog;
  readonly store: EventStore;
  readonly noted: NotingProjection;
  readonly time: ManualClock;
  /** How long it let events gather, each time, in milliseconds. */
  readonly gathered: number[];
  /** What the follower reported, in order. */
  readonly statuses: FollowerStatus[];
  register(count: number): Promise<void>;
  /** Follows the log, through a store with other methods where `over` has some. */
  follow(over?: Partial<EventStore>): LogFollower;
  stop(): Promise<void>;
  /** Puts the projection in the state after an event, as another process may do. */
  moveTo(event: RecordedEvent): void;
  /** Positions of the persons' events. */
  positions(): bigint[];
  /** The positions that were applied, in order. */
  applied(): bigint[];
  /** The log from its beginning, `size` events at a time. */
  batches(size: number): EventBatch[];
  /** Moves the time on, pause by pause, until `look` returns true. */
  inTime(what: string, look: () => boolean): Promise<boolean>;
  /** Moves the time on until the projection has applied the whole log. */
  untilCaughtUp(): Promise<void>;
}

export async function followedLog(): Promise<FollowedLog> {
  const log = memoryLog();
  const store = memoryEventStore(log);
  const noted = notingProjection();
  const time = manualClock();
  const statuses: FollowerStatus[] = [];
  const gathered: number[] = [];
  let follower: LogFollower | null = null;

  const end = (): bigint => log.events.at(-1)?.position ?? 0n;
  async function register(count: number): Promise<void> {
    const people = testProcess(store);
    const before = log.events.length;
    for (let i = 0; i < count; i += 1) {
      await people.register({ dni: `D${before}.${i}`, cuenta: `c${before}.${i}` });
    }
  }
  const positions = (): bigint[] => log.events.filter(isOfPerson).map(({ position }) => position);
  const inTime = (what: string, look: () => boolean): Promise<boolean> =>
    time.until(eventually(what, look).then(() => true));

  await register(10);
  return {
    log,
    store,
    noted,
    time,
    gathered,
    statuses,
    register,
    follow(over = {}) {
      follower = followLog({
        consumer: noted.projection,
        store: { ...store, ...over },
        clock: { ...immediateClock, wait: async (ms) => void gathered.push(ms) },
        timer: time,
        onChange: (status) => statuses.push(status),
      });
      return follower;
    },
    stop: async () => follower?.stop(),
    moveTo({ position: to, id }) {
      noted.checkpoint = { position: to, event: { position: to, id } };
      noted.applied.clear();
      for (const position of positions()) if (position <= to) noted.applied.add(position);
    },
    positions,
    applied: () => [...noted.applied].sort(byValue),
    batches(size) {
      const { events } = log;
      return Array.from({ length: Math.ceil(events.length / size) }, (_, index) => {
        const page = events.slice(index * size, (index + 1) * size);
        const last = page.at(-1)!;
        const mark = { position: last.position, id: last.id };
        return {
          events: page.filter(isOfPerson),
          position: last.position,
          mark,
          caughtUp: last.position === end(),
        };
      });
    },
    inTime,
    async untilCaughtUp() {
      await inTime('the projection is caught up', () => noted.checkpoint?.position === end());
    },
  };
}

/** Lets everything that waits for no time come to its end. */
export async function rest(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate);
}

export const byValue = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
