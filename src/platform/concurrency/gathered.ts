interface Call<Job, Result> {
  jobs: readonly Job[];
  resolve(results: Result[]): void;
  reject(error: unknown): void;
}

/**
 * Runs the jobs of concurrent calls together, as soon as there are `enough` or a tick of the event loop
 * has passed, in the order of the calls. Each call gets the results of its own jobs; if `run` rejects,
 * every call with a job among them does.
 */
export function gathered<Job, Result>(
  enough: number,
  run: (jobs: readonly Job[]) => Promise<readonly Result[]>,
): (jobs: readonly Job[]) => Promise<Result[]> {
  let calls: Call<Job, Result>[] = [];
  let jobs: Job[] = [];

  function begin(): void {
    const [ready, all] = [calls, jobs];
    calls = [];
    jobs = [];
    run(all).then(
      (results) => {
        let from = 0;
        for (const call of ready) call.resolve(results.slice(from, (from += call.jobs.length)));
      },
      (error: unknown) => {
        for (const { reject } of ready) reject(error);
      },
    );
  }

  return (own) =>
    new Promise((resolve, reject) => {
      const first = calls.length === 0;
      calls.push({ jobs: own, resolve, reject });
      for (const job of own) jobs.push(job);
      if (jobs.length >= enough) {
        begin();
        return;
      }
      const present = calls;
      if (first)
        setImmediate(() => {
          if (calls === present) begin();
        });
    });
}
