/** Lets a limited number of pieces of work run at the same time; the others wait in line. */
export interface Semaphore {
  /** Settles like `work`, which starts when its turn has come. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How many pieces of work run, and how many wait. */
  load(): { running: number; waiting: number };
}

export function createSemaphore(limit: number): Semaphore {
  let running = 0;
  const waiting: (() => void)[] = [];

  return {
    async run(work) {
      if (running < limit) running += 1;
      // Whoever ends hands its place over, so that `running` stays as it is.
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
