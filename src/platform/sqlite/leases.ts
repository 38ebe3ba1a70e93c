import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicClock, type MonotonicClock } from '../clock.ts';
import { makePrivateFile, makePrivateFolder } from '../files/privateFolder.ts';
import type { Lease, Leases } from '../lease.ts';
import { StoreError } from '../storeError.ts';
import { Database } from './sqlite.ts';
import { isDamaged, isLocked, reasonOf } from './sqliteFailures.ts';

/** A lease file cannot be used: its folder is missing, or its disk is full or fails. */
export class LeaseError extends StoreError {}

interface SqliteLeasesOptions {
  /** Folder of the lease files, created if missing. The locks need a local disk. */
  folder: string;
  clock?: MonotonicClock;
  /** How often a waiting process retries, in milliseconds. */
  retryMs?: number;
}

interface Locked {
  connection: Database;
  fence: number;
}

/**
 * Leases for processes on one machine: an exclusive operating system lock on a small SQLite file.
 * The system frees it as soon as its holder dies, so nothing waits after a crash. A suspended holder
 * keeps it.
 */
export function openSqliteLeases(options: SqliteLeasesOptions): Leases {
  const { folder, clock = monotonicClock, retryMs = 200 } = options;
  // Keeps the connections referenced: a garbage-collected one would release its lock.
  const held = new Set<Lease>();

  function hold({ connection, fence }: Locked): Lease {
    const lost = new AbortController();
    const lease: Lease = {
      fence,
      lost: lost.signal,
      release: async () => {
        if (lost.signal.aborted) return;
        connection.close();
        lost.abort();
        held.delete(lease);
      },
    };
    held.add(lease);
    return lease;
  }

  return {
    expiryMs: 0,
    acquire: async (name, { signal }) => {
      const file = join(folder, `lease-${name}.db`);
      for (;;) {
        const locked = lock(folder, file);
        if (locked) return hold(locked);
        await clock.sleep(retryMs, signal);
        if (signal.aborted) return null;
      }
    },
    close: async () => {
      await Promise.all([...held].map((lease) => lease.release()));
    },
  };
}

/**
 * Null if another connection, here or in another process, holds it. No other code in this process
 * may open the file: POSIX drops a process's locks on a file when any of its descriptors is closed
 * (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
function lock(folder: string, file: string): Locked | null {
  try {
    makePrivateFolder(folder);
    return lockUndamaged(file);
  } catch (error) {
    if (isLocked(error)) return null;
    throw new LeaseError(`the lease file cannot be used: ${reasonOf(file, error)}`, { cause: error });
  }
}

/**
 * Repairs a damaged lease file, which holds only a counter. Truncated rather than removed, because
 * two processes that repair it at once must lock the same file.
 */
function lockUndamaged(file: string): Locked {
  try {
    return lockFile(file);
  } catch (error) {
    if (!isDamaged(error)) throw error;
    truncateSync(file);
    return lockFile(file);
  }
}

function lockFile(file: string): Locked {
  makePrivateFile(file);
  const connection = new Database(file, 0);
  try {
    // The lock outlives the transaction that increments the fence, until the connection is closed.
    connection.exec(`
      PRAGMA file.locking_mode = EXCLUSIVE;
      PRAGMA file.synchronous = FULL;
      BEGIN EXCLUSIVE;
      CREATE TABLE IF NOT EXISTS file.lease (id INTEGER PRIMARY KEY CHECK (id = 1), fence INTEGER NOT NULL);
      INSERT INTO lease VALUES (1, 1) ON CONFLICT DO UPDATE SET fence = fence + 1;
      COMMIT;
    `);
    const row = connection.prepare('SELECT fence FROM lease').get() as { fence: number };
    return { connection, fence: row.fence };
  } catch (error) {
    connection.close();
    throw error;
  }
}
