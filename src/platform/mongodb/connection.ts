import { MongoClient, type Collection, type Db, type Document, type WriteConcernSettings } from 'mongodb';
import { whenAnswered, within } from './answers.ts';
import { MongoRefusal } from './mongoFailure.ts';

export interface MongoConnectionOptions {
  /** `mongodb://…/name` or `mongodb+srv://…/name`, with the name of the database. */
  url: string;
  /** Milliseconds that one operation may take on the server; finding a server comes on top. */
  timeLimitMs?: number;
}

export interface MongoConnection {
  db: Db;
  /** The same limit, to be passed with each operation (`maxTimeMS`). */
  timeLimitMs: number;
  close(): Promise<void>;
}

/** A collection, and the time limit of each operation. */
export interface TimedCollection<Stored extends Document> {
  collection: Collection<Stored>;
  maxTimeMS: number;
}

/** Suffices for a chunk of documents on a slow server, and ends before a health check gives up. */
const MAX_CALL_MS = 10_000;
/** A planned election of a replica set takes less. Callers report longer outages. */
const MAX_DISCOVERY_MS = 5_000;
/** Milliseconds to wait for a connection to close. */
const MAX_CLOSE_MS = 5_000;

/**
 * Connects such that every operation ends within a time limit. Every write waits for the journal, so
 * that a crash keeps the order "documents first, then the checkpoint" on disk, and for the majority,
 * so that the loss of a replica set member loses no acknowledged write.
 *
 * Rejects with MongoFailure if no server answers; with MongoRefusal if it refuses, or if `url` is not
 * a connection string with a database.
 */
export async function connectMongo(options: MongoConnectionOptions): Promise<MongoConnection> {
  const timeLimitMs = options.timeLimitMs ?? MAX_CALL_MS;
  const client = clientOf(options.url, timeLimitMs);
  // Whether the server notices does not matter: it cleans up lost connections.
  const close = (): Promise<void> => within(MAX_CLOSE_MS, client.close()).catch(() => undefined);
  try {
    const replicated = await whenAnswered(async () => {
      const hello = await client.db('admin').command({ hello: 1 });
      return typeof hello['setName'] === 'string' || hello['msg'] === 'isdbgrid';
    });
    const writeConcern: WriteConcernSettings = {
      journal: true,
      ...(replicated ? { w: 'majority', wtimeoutMS: timeLimitMs } : {}),
    };
    // The checkpoint must never be read from a lagging member: whatever the URL says, read from the
    // primary.
    const db = client.db(undefined, { readPreference: 'primary', writeConcern });
    return { db, timeLimitMs, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function clientOf(url: string, timeLimitMs: number): MongoClient {
  // The driver would use the database `test` for a URL without a name, and no server takes all names.
  if (!isDatabaseName(/^mongodb(?:\+srv)?:\/\/[^/]+\/([^?/]+)/.exec(url)?.[1] ?? ''))
    throw new MongoRefusal(
      'MONGODB_URL must be mongodb://host/name, with the name of a database: at most 58 bytes, no spaces and none of / \\ . " $ * < > : |',
    );
  const findMs = Math.min(MAX_DISCOVERY_MS, timeLimitMs);
  try {
    return new MongoClient(url, {
      appName: 'padron',
      serverSelectionTimeoutMS: findMs,
      connectTimeoutMS: findMs,
      waitQueueTimeoutMS: findMs,
      // The server's limit ends a call first; this one is for a silent server.
      socketTimeoutMS: timeLimitMs + 1_000,
      // whenAnswered retries already; a second retry would double the caller's wait.
      retryReads: false,
    });
  } catch {
    // Not passed on: the driver's message quotes the URL with its password.
    throw new MongoRefusal('MONGODB_URL is not a valid connection string');
  }
}

/** Whether every server accepts the name as given in a URL. The keys are in `<name>_keys`; MongoDB allows 63 bytes. */
function isDatabaseName(encoded: string): boolean {
  try {
    const name = decodeURIComponent(encoded);
    return /^[^/\\. "$*<>:|\0]+$/.test(name) && Buffer.byteLength(name) <= 58;
  } catch {
    return false;
  }
}
