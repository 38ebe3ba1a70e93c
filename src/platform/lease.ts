/** The exclusive right to do something until `lost` aborts. */
export interface Lease {
  /** Grows with each holder: of two that believe they hold it, the one with the higher fence does. */
  readonly fence: number;
  /** Aborts when the lease is released, taken over, or can no longer be proved to be held. */
  readonly lost: AbortSignal;
  /**
   * Frees the lease at once. Harmless if the lease is lost, and if repeated. Rejects with
   * StoreError if the storage does not answer; the lease then expires as after a crash.
   */
  release(): Promise<void>;
}

/**
 * Leases among instances that share a storage. A lease only avoids duplicate work. Correctness
 * must come from elsewhere, such as a checkpoint's compare-and-set, because a holder may be
 * suspended at any instruction.
 */
export interface Leases {
  /** After this many milliseconds the lease of a dead holder is free; 0: at once. */
  readonly expiryMs: number;
  /**
   * Waits until the lease is free and takes it; null if `signal` aborts first. Tries at least once.
   * A dead holder is detected. Names are lower-case letters, digits and hyphens.
   *
   * Rejects with StoreError if the storage does not answer: whether the lease was taken is then
   * unknown, and if it was, it expires as after a crash.
   */
  acquire(name: string, options: { signal: AbortSignal }): Promise<Lease | null>;
  /** Releases the leases held here and closes the storage. */
  close(): Promise<void>;
}

/**
 * Runs `work` while this instance holds the lease, and releases it; undefined if `signal` aborts
 * before the lease is free. Rejects as `acquire` and `work` do.
 */
export async function whileHolding<T>(
  leases: Pick<Leases, 'acquire'>,
  name: string,
  signal: AbortSignal,
  work: (lease: Lease) => Promise<T>,
): Promise<T | undefined> {
  const lease = await leases.acquire(name, { signal });
  try {
    return lease ? await work(lease) : undefined;
  } finally {
    // If the storage does not answer, the lease expires.
    await lease?.release().catch(() => undefined);
  }
}
