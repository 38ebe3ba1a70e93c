/**
 * Signals commits between the threads of one process through a counter in shared memory: a message
 * to another thread would cost the sender as much as a whole append.
 */
export type CommitNews = Int32Array<SharedArrayBuffer>;

export const commitSignal = (): CommitNews =>
  new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));

/** Wakes all listeners. */
export function announceCommit(news: CommitNews): void {
  Atomics.add(news, 0, 1);
  Atomics.notify(news, 0);
}

/**
 * Calls `onCommit` with the number of new commits, once for several close together, until the
 * signal aborts. Does not keep the thread alive.
 */
export async function listenForCommits(
  news: CommitNews,
  onCommit: (commits: number) => void,
  signal: AbortSignal,
): Promise<void> {
  for (let seen = Atomics.load(news, 0); ;) {
    await Atomics.waitAsync(news, 0, seen).value;
    if (signal.aborted) return;
    const before = seen;
    seen = Atomics.load(news, 0);
    onCommit(seen - before);
  }
}
