/** Most jobs in one commit: bounds how long a transaction keeps the event loop and other processes waiting. */
const LARGEST_GROUP = 1_024;
/** Jobs that are committed without waiting for more: what a job then saves is less than what the wait costs those that are there. */
const GROUP_WORTH_A_COMMIT = 32;
/** Turns of the event loop that a smaller group waits at most, as long as each brings it more. */
const MOST_TURNS = 4;

export interface GroupCommit<Job, Result> {
  /** Settles when the group that the job went into is committed. */
  submit(job: Job): Promise<Result>;
  /** Settles when everything submitted so far is committed. */
  idle(): Promise<void>;
}

interface Waiting<Job, Result> {
  job: Job;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Collects jobs while the turns of the event loop bring more, a few at most, then runs them as one group, so that concurrent writers share one
 * fsync.
 * `commit` runs a group and answers one result a job; when it throws, every job of the group is rejected with that.
 * On two cores: 1,450 durable commits a second one by one, 36,400 appends a second in groups of 32 (docs/benchmarks.md).
 */
export function groupCommit<Job, Result>(
  commit: (jobs: readonly Job[]) => Result[],
): GroupCommit<Job, Result> {
  let waiting: Waiting<Job, Result>[] = [];
  let onIdle: (() => void)[] = [];
  /** How many were waiting a turn ago, and for how many turns. */
  let gathered = 0;
  let turns = 0;

  function waitsForMore(): boolean {
    const { length } = waiting;
    const waits = length > gathered && length < GROUP_WORTH_A_COMMIT && turns < MOST_TURNS;
    gathered = waits ? length : 0;
    turns = waits ? turns + 1 : 0;
    return waits;
  }

  function flush(): void {
    if (waitsForMore()) {
      setImmediate(flush);
      return;
    }
    const group = waiting.slice(0, LARGEST_GROUP);
    waiting = waiting.slice(LARGEST_GROUP);
    try {
      const results = commit(group.map(({ job }) => job));
      group.forEach(({ resolve }, index) => {
        resolve(results[index] as Result);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    if (waiting.length > 0) {
      setImmediate(flush);
      return;
    }
    const idle = onIdle;
    onIdle = [];
    for (const resolve of idle) resolve();
  }

  return {
    submit: (job) =>
      new Promise((resolve, reject) => {
        waiting.push({ job, resolve, reject });
        if (waiting.length === 1) setImmediate(flush);
      }),
    idle: () =>
      new Promise((resolve) => {
        if (waiting.length === 0) resolve();
        else onIdle.push(resolve);
      }),
  };
}
