import type { EventEmitter } from 'node:events';
import type { Collection } from 'mongodb';
import { Database } from '../../../src/platform/sqlite/sqlite.ts';

/** Runs padron with its arguments, and kills it -9 as soon as its write number TEST_DIE_AT is stored, in SQLite, MongoDB or EventStoreDB. */

const dieAt = Number(process.env['TEST_DIE_AT']);
/** A transaction, and the steps that clean a SQLite file after it. */
const STORES = /^(COMMIT|VACUUM|PRAGMA file\.user_version = 0)/;
const WRITES = ['bulkWrite', 'deleteOne', 'insertMany', 'insertOne', 'replaceOne', 'updateOne'] as const;
let stored = 0;

function countWrite(): void {
  stored += 1;
  if (stored === dieAt) process.kill(process.pid, 'SIGKILL');
}

const driver = Object.getPrototypeOf(Database.prototype) as { exec(sql: string): void };
Object.defineProperty(Database.prototype, 'exec', {
  value(this: Database, sql: string): void {
    driver.exec.call(this, sql);
    if (STORES.test(sql)) countWrite();
  },
});

// The driver is slow to load.
if (process.env['MONGODB_URL']) {
  const { Collection: Loaded } = await import('mongodb');
  const collections = Loaded.prototype as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>;
  for (const name of WRITES) {
    const write = collections[name]!;
    collections[name] = async function (this: Collection, ...args: unknown[]): Promise<unknown> {
      const result = await write.apply(this, args);
      countWrite();
      return result;
    };
  }
}

if (process.env['EVENTSTORE_URL']) {
  const { default: service } = await import('@eventstore/db-client/generated/streams_grpc_pb.js');
  const calls = service.StreamsClient.prototype as unknown as Record<
    string,
    (...args: unknown[]) => EventEmitter
  >;
  const open = calls['batchAppend']!;
  calls['batchAppend'] = function (this: unknown, ...args: unknown[]): EventEmitter {
    // Listens first: the process ends before padron sees the answer.
    return open.apply(this, args).on('data', countWrite);
  };
}

await import('../../../src/cli/main.ts');
