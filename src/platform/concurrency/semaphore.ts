/** Runs at most a fixed number of tasks at the same time; the others wait in line. */
export interface Semaphore {
  /** Settles like `work`, which starts when a place is free. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How many tasks run, and how many wait. */
  load(): { running: number; waiting: number };
}

export function createSemaphore(limit: number): Semaphore {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async run(work) {
      if (running < limit) running += 1;
      // A task that ends hands its place to the next one, so `running` does not change.
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        if (next) next();
        else running -= 1;
      }
    },
    load: () => ({ running, waiting: waiting.length }),
  };
}
