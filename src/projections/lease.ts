import { setTimeout as timeout } from 'node:timers/promises';

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

/** Time as leases measure it; another one in tests. */
export interface Clock {
  /** Milliseconds that only ever grow, without a meaning outside of this process. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The process's monotonic clock: nobody sets it, so that a corrected wall clock ends no lease. */
export const monotonicClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => timeout(ms, undefined, { signal }).catch(() => undefined),
};
