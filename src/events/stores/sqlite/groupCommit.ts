import type { Deadline } from '../../../platform/deadline.ts';
import { MAX_LOCK_WAIT_MS, pauseMs } from '../../../platform/sqlite/whenUnlocked.ts';

/** Most jobs in one commit: bounds how long a transaction keeps the event loop and other processes waiting. */
const MAX_GROUP = 1_024;
/** Jobs that are committed without waiting for more: what a job then saves is less than what the wait costs those that are there. */
const GROUP_WORTH_A_COMMIT = 32;
/** Turns of the event loop that a smaller group waits at most, as long as each brings it more. */
const MAX_TURNS = 4;

export interface GroupCommit<Job, Result> {
  /** Settles when the group that the job went into is committed. */
  submit(job: Job, deadline?: Deadline): Promise<Result>;
  /** Settles when everything submitted so far is committed or has failed. */
  idle(): Promise<void>;
}

interface Waiting<Job, Result> {
  job: Job;
  deadline: Deadline | undefined;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Collects jobs while the turns of the event loop bring more, a few at most, then runs them as one group, so that concurrent writers share one
 * fsync.
 * `commit` runs a group and answers one result a job; when it throws, every job of the group is rejected with that. Where
 * `isLocked` says that the error is another process's lock, the same group is tried again from a timer: each of its jobs until its
 * deadline, or for MAX_LOCK_WAIT_MS, and is rejected with that error then.
 * On two cores: 1,450 durable commits a second one by one, 36,400 appends a second in groups of 32 (docs/benchmarks.md).
 */
export function groupCommit<Job, Result>(
  commit: (jobs: readonly Job[]) => Result[],
  isLocked: (error: unknown) => boolean = () => false,
): GroupCommit<Job, Result> {
  let waiting: Waiting<Job, Result>[] = [];
  let onIdle: (() => void)[] = [];
  /** How many were waiting a turn ago, and for how many turns. */
  let gathered = 0;
  let turns = 0;
  /** Since when a lock has been waited for, and how often it was tried; null while there is none. */
  let locked: { sinceMs: number; attempts: number } | null = null;

  function waitsForMore(): boolean {
    const { length } = waiting;
    const waits = length > gathered && length < GROUP_WORTH_A_COMMIT && turns < MAX_TURNS;
    gathered = waits ? length : 0;
    turns = waits ? turns + 1 : 0;
    return waits;
  }

  function flush(): void {
    if (waitsForMore()) {
      setImmediate(flush);
      return;
    }
    const group = waiting.slice(0, MAX_GROUP);
    try {
      const results = commit(group.map(({ job }) => job));
      settle(group, ({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      if (isLocked(error)) {
        waitForLock(error);
        return;
      }
      settle(group, ({ reject }) => {
        reject(error);
      });
    }
    goOn();
  }

  function settle(
    group: readonly Waiting<Job, Result>[],
    how: (one: Waiting<Job, Result>, index: number) => void,
  ): void {
    locked = null;
    waiting = waiting.slice(group.length);
    group.forEach(how);
  }

  function goOn(): void {
    if (waiting.length > 0) {
      setImmediate(flush);
      return;
    }
    const idle = onIdle;
    onIdle = [];
    for (const resolve of idle) resolve();
  }

  function waitForLock(error: unknown): void {
    locked ??= { sinceMs: performance.now(), attempts: 0 };
    const isOver = performance.now() - locked.sinceMs >= MAX_LOCK_WAIT_MS;
    const expired = waiting.filter(({ deadline }) => (deadline ? deadline.remainingMs() <= 0 : isOver));
    waiting = waiting.filter((one) => !expired.includes(one));
    for (const { reject } of expired) reject(error);
    if (waiting.length === 0) {
      locked = null;
      goOn();
      return;
    }
    setTimeout(flush, pauseMs(locked.attempts));
    locked.attempts += 1;
  }

  return {
    submit: (job, deadline) =>
      new Promise((resolve, reject) => {
        waiting.push({ job, deadline, resolve, reject });
        // While a lock is waited for, the timer takes it along.
        if (waiting.length === 1 && locked === null) setImmediate(flush);
      }),
    idle: () =>
      new Promise((resolve) => {
        if (waiting.length === 0) resolve();
        else onIdle.push(resolve);
      }),
  };
}
