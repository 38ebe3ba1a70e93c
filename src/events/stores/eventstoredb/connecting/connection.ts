import type { EventStoreDBClient } from '@eventstore/db-client';
import type { AppendStream } from '../calls/appendStream.ts';
import type { Deadline } from '../../../../platform/deadline.ts';

/** What the parts of the adapter share. */
export interface Connection {
  client: EventStoreDBClient;
  appends: AppendStream;
  /** Milliseconds that any one step may take without an answer. */
  deadlineMs: number;
  /** The caller's own deadline, if any. */
  deadline?: Deadline | undefined;
  /** Whether there are several nodes: if one fails, another may answer soon. */
  isCluster?: boolean;
  logger: StoreLogger;
}

/** The part of pino's interface that is used here. */
export interface StoreLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
