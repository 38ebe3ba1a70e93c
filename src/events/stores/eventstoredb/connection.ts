import type { EventStoreDBClient } from '@eventstore/db-client';

/** What the parts of the adapter share. */
export interface Connection {
  client: EventStoreDBClient;
  /** How long any one step may stay without an answer. */
  deadlineMs: number;
  logger: StoreLogger;
}

/** pino's shape, as far as it is needed here. */
export interface StoreLogger {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}
