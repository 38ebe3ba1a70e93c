export interface KeyedQueue {
  /** Runs `work` once everything queued before it under the same name has ended; other names are not waited for. */
  run<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** Lets work of one name happen one after the other: writers of one stream would only conflict. */
export function keyedQueue(): KeyedQueue {
  const tails = new Map<string, Promise<unknown>>();

  return {
    async run(name, work) {
      const before = tails.get(name);
      const mine = before ? before.then(work, work) : work();
      tails.set(name, mine);
      try {
        return await mine;
      } finally {
        if (tails.get(name) === mine) tails.delete(name);
      }
    },
  };
}
