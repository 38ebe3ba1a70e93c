import type { Filter } from 'mongodb';
import type {
  PageQuery,
  ReadModel,
  RowStore,
  ViewDeclaration,
  ViewDocument,
  ViewStore,
} from '../../readModel.ts';
import type { Leases } from '../../lease.ts';
import { whenAnswered } from './answers.ts';
import type { MongoConnection, MongoConnectionOptions } from './connection.ts';
import { connectMongo } from './connection.ts';
import { openControl } from './control.ts';
import type { StoredDocument } from './documents.ts';
import { writeDocuments } from './documents.ts';
import { openMongoLeases } from './leases.ts';
import { findRows, insertRows, prepareRows, type StoredRow } from './rows.ts';

/**
 * The read model on MongoDB 4.4 or later, be it a standalone server, a replica set or a compatible server: it needs no
 * transactions. A batch writes its documents first, each guarded by its revision, and moves the checkpoint afterwards by
 * compare-and-set; whatever interrupts it, the next writer starts from the checkpoint and repeats harmlessly.
 *
 * The database has a collection `views` of control documents, and per generation of a view one of its own, such as
 * `personas_v1_g1`. Rejects with ReadModelError when the server is not there (repeat it), with TypeError when the URL
 * cannot be right.
 */
export async function openMongoReadModel(options: MongoConnectionOptions): Promise<ReadModel> {
  const connection = await connectMongo(options);
  const leases = await leasesBeside(connection, options);
  return {
    leases,
    open: (view) => openView(connection, view),
    openRows: (view) => openRowView(connection, view),
    close: async () => {
      await leases.close();
      await connection.close();
    },
  };
}

async function leasesBeside(connection: MongoConnection, options: MongoConnectionOptions): Promise<Leases> {
  try {
    return await openMongoLeases({ url: options.url });
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function openView(connection: MongoConnection, view: ViewDeclaration): Promise<ViewStore> {
  const control = await openControl(connection, view);
  const maxTimeMS = connection.timeLimitMs;
  const name = `${view.name}_v${view.version}_g${control.generation}`;
  const documents = connection.db.collection<StoredDocument>(name);
  const find = (filter: Filter<StoredDocument>, limit: number): Promise<ViewDocument[]> =>
    whenAnswered(async () => {
      const cursor = documents.find(filter, { limit, batchSize: limit, sort: { _id: 1 }, maxTimeMS });
      return (await cursor.toArray()).map(({ _id, ...rest }) => ({ id: _id, ...rest }));
    });

  return {
    checkpoint: () => control.checkpoint(),
    load: async (ids) => (ids.length === 0 ? [] : find({ _id: { $in: [...ids] } }, ids.length)),
    write: async ({ documents: batch, from, to }) => {
      await writeDocuments(documents, batch, maxTimeMS);
      return (await control.move(from, to)) ? 'written' : 'refused';
    },
    page: (query) => find(pageFilter(query), query.limit),
  };
}

/** Rows first, then the checkpoint; a question reads the checkpoint first. So nothing below it is missing, though rows come in any order. */
async function openRowView(connection: MongoConnection, view: ViewDeclaration): Promise<RowStore> {
  const control = await openControl(connection, view);
  const maxTimeMS = connection.timeLimitMs;
  const name = `${view.name}_v${view.version}_g${control.generation}`;
  const collection = connection.db.collection<StoredRow>(name);
  await prepareRows(collection);

  return {
    checkpoint: () => control.checkpoint(),
    write: async ({ rows, from, to }) => {
      await insertRows(collection, rows, maxTimeMS);
      return (await control.move(from, to)) ? 'written' : 'refused';
    },
    find: (query) => findRows(collection, query, maxTimeMS),
  };
}

function pageFilter({ after, words }: PageQuery): Filter<StoredDocument> {
  const filter: Filter<StoredDocument> = { _id: { $gt: after }, body: { $ne: null } };
  if (words.length > 0) filter.$and = words.map((word) => ({ search: { $regex: literally(word) } }));
  return filter;
}

/** A pattern that stands for `text` itself, in PCRE (MongoDB) as in RE2 (some compatible servers). */
const literally = (text: string): string =>
  text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('\0', '\\x00');
