/** Time, handed in so that a test decides it. */
export interface Clock {
  /** The present instant, RFC 3339 in UTC with milliseconds. */
  now(): string;
  /** Settles after that many milliseconds. */
  wait(ms: number): Promise<void>;
}
