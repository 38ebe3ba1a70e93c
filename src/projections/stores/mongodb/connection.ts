import type { Db, WriteConcernSettings } from 'mongodb';
import { MongoClient } from 'mongodb';
import { whenAnswered, within } from './answers.ts';

export interface MongoConnectionOptions {
  /** `mongodb://…/name` or `mongodb+srv://…/name`; the name is that of the database. */
  url: string;
  /** How long one operation may take on the server, in milliseconds; looking for a server comes on top. */
  timeLimitMs?: number;
}

export interface MongoConnection {
  db: Db;
  /** The same limit again, to be given with each operation (`maxTimeMS`). */
  timeLimitMs: number;
  close(): Promise<void>;
}

/** Ten seconds let a chunk of documents through on a slow server and still end before a health check gives up. */
const TIME_LIMIT_MS = 10_000;
/** A planned election of a replica set is over by then; to wait for longer ones is the caller's part, who can say so. */
const FIND_SERVER_MS = 5_000;
/** How long the end of a connection is waited for. */
const CLOSE_MS = 5_000;

/**
 * Connects, so that every operation ends within bounded time and what is acknowledged survives: a crash, because every write
 * waits for the journal (documents first, then the checkpoint, is an order on disk only so), and the loss of a member of a
 * replica set, because it waits for the majority there.
 *
 * Rejects with ReadModelError when no server answers; with TypeError when `url` is no connection string with a database.
 */
export async function connectMongo(options: MongoConnectionOptions): Promise<MongoConnection> {
  const timeLimitMs = options.timeLimitMs ?? TIME_LIMIT_MS;
  const client = clientOf(options.url, timeLimitMs);
  // Whether the server hears of it does not matter: it cleans up after a lost connection.
  const close = (): Promise<void> => within(CLOSE_MS, client.close()).catch(() => undefined);
  try {
    const replicated = await whenAnswered(async () => {
      const hello = await client.db('admin').command({ hello: 1 });
      return typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid';
    });
    const writeConcern: WriteConcernSettings = {
      journal: true,
      ...(replicated ? { w: 'majority', wtimeoutMS: timeLimitMs } : {}),
    };
    // The checkpoint must never be read from a member that lags behind: whatever the URL says, the primary is asked.
    const db = client.db(undefined, { readPreference: 'primary', writeConcern });
    return { db, timeLimitMs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function clientOf(url: string, timeLimitMs: number): MongoClient {
  // The driver would take a URL without a name for the database `test`.
  const named = /^mongodb(?:\+srv)?:\/\/[^/]+\/[^?/]+/.test(url);
  if (!named)
    throw new TypeError('the MongoDB URL has to be mongodb://host/name, with the name of a database');
  const findMs = Math.min(FIND_SERVER_MS, timeLimitMs);
  try {
    return new MongoClient(url, {
      appName: 'padron',
      serverSelectionTimeoutMS: findMs,
      connectTimeoutMS: findMs,
      waitQueueTimeoutMS: findMs,
      // The server gives up first and says so; this is for one that says nothing any more.
      socketTimeoutMS: timeLimitMs + 1_000,
      // whenAnswered repeats; twice over would double the time that a caller waits.
      retryReads: false,
    });
  } catch {
    // Not passed on: the driver's message repeats the URL, and with it the password.
    throw new TypeError('the MongoDB URL is not a valid connection string');
  }
}
