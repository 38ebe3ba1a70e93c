import type { EventStoreDBClient } from '@eventstore/db-client';
import type { Deadline } from '../../../../platform/deadline.ts';

/** What the parts of the adapter share. */
export interface Connection {
  client: EventStoreDBClient;
  /** How long any one step may stay without an answer. */
  deadlineMs: number;
  /** The caller's own deadline, where it has one. */
  deadline?: Deadline | undefined;
  /** Whether several nodes are known: while one of them is away, another may answer soon. */
  isCluster?: boolean;
  logger: StoreLogger;
}

/** pino's shape, as far as it is needed here. */
export interface StoreLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
