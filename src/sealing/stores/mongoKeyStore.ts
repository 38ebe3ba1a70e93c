import type { Collection } from 'mongodb';
import { unlessDuplicate, whenAnswered } from '../../platform/mongodb/answers.ts';
import { connectMongo } from '../../platform/mongodb/connection.ts';
import { MongoFailure } from '../../platform/mongodb/mongoFailure.ts';
import { KeyStoreError, type KeyRow, type KeyStore } from '../keyStore.ts';

interface KeyDocument {
  /** The subject. */
  _id: string;
  keyId: string;
  wrapped?: string;
  master?: string;
  erasedAt?: string;
}

/** Attempts that may lose to other writers of the same subjects. */
const MAX_ATTEMPTS = 20;

/**
 * The keys in the collection `subject_keys` of a MongoDB database. Acknowledged writes are in the
 * journal and, in a replica set, on a majority. Rejects with KeyStoreError if no server answers, or if
 * `url` is not a connection string with a database.
 */
export async function openMongoKeyStore({ url }: { url: string }): Promise<KeyStore> {
  const connection = await asKeyStore(() => connectMongo({ url }));
  const { timeLimitMs: maxTimeMS } = connection;
  const keys = connection.db.collection<KeyDocument>('subject_keys');
  const answered = <T>(run: () => Promise<T>): Promise<T> => asKeyStore(() => whenAnswered(run));
  try {
    await answered(() => keys.createIndex({ keyId: 1 }));
  } catch (error) {
    await connection.close();
    throw error;
  }

  return {
    ofSubjects: (subjects) =>
      answered(async () => rows(await keys.find({ _id: { $in: [...subjects] } }, { maxTimeMS }).toArray())),
    ofKeys: (keyIds) =>
      answered(async () => rows(await keys.find({ keyId: { $in: [...keyIds] } }, { maxTimeMS }).toArray())),
    add: (wanted) =>
      answered(async () => {
        const documents = wanted.map(({ subject, ...key }) => ({ _id: subject, ...key }));
        return addMissing(keys, documents, maxTimeMS);
      }),
    erase: ({ subject, keyId, erasedAt }) =>
      answered(async () => {
        const update = keys.updateOne(
          { _id: subject, erasedAt: { $exists: false } },
          { $set: { keyId, erasedAt }, $unset: { wrapped: '', master: '' } },
          { upsert: true, maxTimeMS },
        );
        // A duplicate: there already is a tombstone.
        await unlessDuplicate(update);
      }),
    rewrap: (from, to) =>
      answered(async () => {
        const { subject: _id, keyId, wrapped } = from;
        const { matchedCount } = await keys.updateOne(
          { _id, keyId, wrapped },
          { $set: { wrapped: to.wrapped, master: to.master } },
          { maxTimeMS },
        );
        return matchedCount === 1;
      }),
    scan: ({ after, limit }) =>
      answered(async () => {
        const found = keys.find({ _id: { $gt: after ?? '' } }, { sort: { _id: 1 }, limit, maxTimeMS });
        return rows(await found.toArray());
      }),
    close: () => connection.close(),
  };
}

/**
 * Returns whether every key was added. Reads which rows are missing before each attempt: servers
 * differ in what an unordered insert does after a duplicate.
 */
async function addMissing(
  keys: Collection<KeyDocument>,
  documents: readonly KeyDocument[],
  maxTimeMS: number,
): Promise<boolean> {
  let missing = documents;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const ids = missing.map(({ _id }) => _id);
    const there = await keys.find({ _id: { $in: ids } }, { projection: { _id: 1 }, maxTimeMS }).toArray();
    const known = new Set(there.map(({ _id }) => _id));
    missing = missing.filter(({ _id }) => !known.has(_id));
    if (missing.length === 0) return false;
    const inserting = keys.insertMany([...missing], { ordered: false, maxTimeMS });
    if (await unlessDuplicate(inserting)) return missing.length === documents.length;
  }
  throw new KeyStoreError('other writers added the same keys at every attempt');
}

const rows = (documents: readonly KeyDocument[]): KeyRow[] =>
  documents.map(({ _id: subject, keyId, wrapped, master, erasedAt }) => {
    if (erasedAt !== undefined) return { subject, keyId, erasedAt };
    if (wrapped !== undefined && master !== undefined) return { subject, keyId, wrapped, master };
    throw new KeyStoreError(`the key store holds neither a key nor a tombstone for ${subject}`);
  });

/** MongoDB's failures as the key store's own. */
async function asKeyStore<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof MongoFailure)) throw error;
    throw new KeyStoreError(`the key store failed: ${error.message}`, { cause: error });
  }
}
