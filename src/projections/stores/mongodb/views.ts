import type { Collection, Filter } from 'mongodb';
import type { ViewDeclaration } from '../../record/viewDeclaration.ts';
import type { ViewDocument, ViewReader, ViewStore } from '../../ports/documents.ts';
import { whenAnswered } from './connection/answers.ts';
import type { MongoConnection } from './connection/connection.ts';
import {
  BY_PARKED,
  byLookup,
  prepareDocuments,
  repairDocument,
  toDocument,
  type StoredDocument,
} from './documents/documents.ts';
import { searchedPage, unfindableDocuments } from './documents/documentSearch.ts';
import { beginGeneration, collectionName, generationCheckpoint } from './documents/generations.ts';
import { writeDocuments } from './documents/guardedWrites.ts';
import { followCurrent } from './documents/shown.ts';

/**
 * Most documents returned for one value. Two have it only for a moment, or while one is parked.
 */
const MAX_FOUND = 10;

/** One generation of a view, created empty if it does not exist. */
export async function openView(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): Promise<ViewStore> {
  await beginGeneration(connection, view, generation);
  const collection = collectionOf(connection, view, generation);
  await prepareDocuments(collection, view.lookups);
  const checkpoint = generationCheckpoint(connection, view, generation);
  const maxTimeMS = connection.timeLimitMs;
  return {
    checkpoint: () => checkpoint.read(),
    ...readsOf(collection, maxTimeMS),
    countParked: () => countParked(connection, collection.collectionName),
    write: async ({ documents, from, to }) => {
      await writeDocuments(collection, documents, maxTimeMS);
      return (await checkpoint.move(from, to)) ? 'written' : 'refused';
    },
    put: (documents) => writeDocuments(collection, documents, maxTimeMS),
    // How long MongoDB keeps replaced documents in its files is beyond padron's control.
    erase: (documents) => writeDocuments(collection, documents, maxTimeMS),
    repair: (from, to) => repairDocument(collection, from, to, maxTimeMS),
    // Writes are durable when they resolve, and the indexes exist from the start.
    seal: async ({ onProgress } = {}) => onProgress?.(1),
  };
}

/** The current generation of a view. */
export function shownView(connection: MongoConnection, view: ViewDeclaration): ViewReader {
  const current = followCurrent(connection, view);
  const read = <Answer>(
    ask: (reads: DocumentReads) => Promise<Answer>,
    saysSomething: (answer: Answer) => boolean,
  ): Promise<Answer> =>
    current.read(
      (generation) => ask(readsOf(collectionOf(connection, view, generation), connection.timeLimitMs)),
      saysSomething,
    );
  const list = <Found>(ask: (reads: DocumentReads) => Promise<Found[]>): Promise<Found[]> =>
    read(ask, (found) => found.length > 0);
  return {
    checkpoint: () => current.checkpoint(),
    load: (ids) => list((reads) => reads.load(ids)),
    lookUp: (name, value) => list((reads) => reads.lookUp(name, value)),
    page: (query) =>
      read(
        (reads) => reads.page(query),
        ({ documents, next }) => documents.length > 0 || next !== null,
      ),
    unfindable: (documents) =>
      read(
        (reads) => reads.unfindable(documents),
        (ids) => ids.length < documents.length,
      ),
    scan: (stretch) => list((reads) => reads.scan(stretch)),
    ids: (stretch) => list((reads) => reads.ids(stretch)),
    parked: (stretch) => list((reads) => reads.parked(stretch)),
    countParked: () =>
      current.read(
        (generation) => countParked(connection, collectionName(view, generation)),
        (count) => count > 0,
      ),
  };
}

type DocumentReads = Omit<ViewReader, 'checkpoint' | 'countParked'>;

/**
 * A command rather than an aggregation: compatible servers have it, and it reads only the index.
 */
const countParked = ({ db, timeLimitMs }: MongoConnection, collection: string): Promise<number> =>
  whenAnswered(async () => {
    const query = { 'parked.position': { $exists: true } };
    const counted = await db.command({ count: collection, query, hint: BY_PARKED, maxTimeMS: timeLimitMs });
    return Number(counted['n']);
  });

const collectionOf = (
  { db }: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): Collection<StoredDocument> => db.collection<StoredDocument>(collectionName(view, generation));

function readsOf(collection: Collection<StoredDocument>, maxTimeMS: number): DocumentReads {
  const find = (filter: Filter<StoredDocument>, limit: number, hint = {}): Promise<ViewDocument[]> =>
    whenAnswered(async () => {
      const options = { limit, batchSize: limit, sort: { _id: 1 }, maxTimeMS, ...hint } as const;
      return (await collection.find(filter, options).toArray()).map(toDocument);
    });
  return {
    load: async (ids) => (ids.length === 0 ? [] : find({ _id: { $in: [...ids] } }, ids.length)),
    // Without the hint a server may walk all documents to return them in order.
    lookUp: (name, value) => find({ [`lookup.${name}`]: value }, MAX_FOUND, { hint: byLookup(name) }),
    page: async (query) => {
      if (query.words.length > 0) return searchedPage(collection, query, maxTimeMS);
      // One more than requested shows whether there is a next page.
      const found = await find({ _id: { $gt: query.after }, body: { $ne: null } }, query.limit + 1);
      const documents = found.slice(0, query.limit);
      return { documents, next: found.length > query.limit ? (documents.at(-1)?.id ?? null) : null };
    },
    unfindable: (documents) => unfindableDocuments(collection, documents, maxTimeMS),
    scan: ({ after, limit }) => find({ _id: { $gt: after } }, limit),
    ids: ({ after, limit }) =>
      whenAnswered(async () => {
        const options = {
          limit,
          batchSize: limit,
          sort: { _id: 1 },
          maxTimeMS,
          projection: { _id: 1 },
        } as const;
        return (await collection.find({ _id: { $gt: after } }, options).toArray()).map(({ _id }) => _id);
      }),
    // Without the hint a server may walk all documents to return them in order instead of sorting
    // the few parked ones.
    parked: ({ after, limit }) =>
      find({ _id: { $gt: after }, 'parked.position': { $exists: true } }, limit, { hint: BY_PARKED }),
  };
}
