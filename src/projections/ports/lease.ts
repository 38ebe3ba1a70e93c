export { monotonicClock, type MonotonicClock as Clock } from '../../platform/monotonicClock.ts';

/** The right to be the only one that does something, for as long as `lost` is not aborted. */
export interface Lease {
  /** Grows from holder to holder: of two that believe they hold the lease, the one with the higher fence does. */
  readonly fence: number;
  /** Aborts when the lease was released or taken over, and when its holder cannot prove any more that it was not. */
  readonly lost: AbortSignal;
  /**
   * Lets the next one in at once. Harmless when the lease is lost, and when repeated. Rejects with ReadModelError when the
   * storage does not answer: then the lease ends like that of a holder that died.
   */
  release(): Promise<void>;
}

/**
 * Who runs what, among instances that share a storage. A lease keeps two runners from doing the same work; it is not what
 * keeps the views right, for a holder may be paused at any instruction: that is the checkpoint's compare-and-set.
 */
export interface Leases {
  /**
   * Waits until the lease is free and takes it; null when `signal` aborts first. It tries at least once. A holder that died is
   * noticed. Names are lower-case letters, digits and hyphens.
   *
   * Rejects with ReadModelError when the storage does not answer: then nobody knows whether it was taken, and if it was,
   * it becomes free like that of a holder that died.
   */
  acquire(name: string, options: { signal: AbortSignal }): Promise<Lease | null>;
  /** Releases what is held here and lets go of the storage. */
  close(): Promise<void>;
}
