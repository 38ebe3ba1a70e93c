import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Collection } from 'mongodb';
import type { Database } from '../../../src/platform/sqlite/sqlite.ts';

/** Loaded before the program (node --import): kills it -9 as soon as its write number TEST_DIE_AT is stored, in SQLite or MongoDB. */

const dieAt = Number(process.env['TEST_DIE_AT']);
/** A transaction, and the steps that clean a SQLite file after it. */
const STORES = /^(COMMIT|VACUUM|PRAGMA file\.user_version = 0)/;
const WRITES = ['bulkWrite', 'deleteOne', 'insertMany', 'insertOne', 'replaceOne', 'updateOne'] as const;
let stored = 0;

function countWrite(): void {
  stored += 1;
  if (stored === dieAt) process.kill(process.pid, 'SIGKILL');
}

/** The class of the program that is about to run: compiled, or from the sources. */
const main = String(process.argv[1]);
const used = new URL(`../platform/sqlite/sqlite${extname(main)}`, pathToFileURL(main));
const { Database: Used } = (await import(used.href)) as { Database: typeof Database };
const driver = Object.getPrototypeOf(Used.prototype) as { exec(sql: string): void };
Object.defineProperty(Used.prototype, 'exec', {
  value(this: Database, sql: string): void {
    driver.exec.call(this, sql);
    if (STORES.test(sql)) countWrite();
  },
});

const collections = Collection.prototype as unknown as Record<
  string,
  (...args: unknown[]) => Promise<unknown>
>;
for (const name of WRITES) {
  const write = collections[name]!;
  collections[name] = async function (this: Collection, ...args: unknown[]): Promise<unknown> {
    const result = await write.apply(this, args);
    countWrite();
    return result;
  };
}
