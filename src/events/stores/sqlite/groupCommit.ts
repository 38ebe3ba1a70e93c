/** Most jobs in one commit: bounds how long a transaction keeps the event loop and other processes waiting. */
const LARGEST_GROUP = 1_024;

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
 * Collects jobs until the event loop turns, then runs them as one group, so that concurrent writers share one fsync.
 * `commit` runs a group and answers one result a job; when it throws, every job of the group is rejected with that.
 * On two cores: 1,450 durable commits a second one by one, 36,400 appends a second in groups of 32 (docs/benchmarks.md).
 */
export function groupCommit<Job, Result>(
  commit: (jobs: readonly Job[]) => Result[],
): GroupCommit<Job, Result> {
  let waiting: Waiting<Job, Result>[] = [];
  let onIdle: (() => void)[] = [];

  function flush(): void {
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
