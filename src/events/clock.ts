/** The wall clock; tests pass their own. */
export interface Clock {
  /** The present instant, RFC 3339 in UTC with milliseconds. */
  now(): string;
  /** Resolves after `ms` milliseconds. */
  wait(ms: number): Promise<void>;
}
