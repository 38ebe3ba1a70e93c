import type { Filter, FindOptions } from 'mongodb';
import type { MongoConnection, TimedCollection } from '../../../../platform/mongodb/connection.ts';
import {
  MAX_FOUND,
  type DocumentPage,
  type ViewDocument,
  type ViewReader,
  type ViewStore,
} from '../../../ports/documents.ts';
import type { OpenOptions } from '../../../ports/readModel.ts';
import type { ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { documentPage } from '../../../views/search.ts';
import { answered, findAll } from '../generation/answered.ts';
import { collectionOf, openCheckpoint } from '../generation/generations.ts';
import { followCurrent } from '../generation/shown.ts';
import {
  BY_PARKED,
  byLookup,
  prepareDocuments,
  repairDocument,
  toDocument,
  type StoredDocument,
} from './documents.ts';
import { searchIndex, unfindableDocuments } from './documentSearch.ts';
import { writeDocuments } from './guardedWrites.ts';

/** See ReadModel.open. */
export async function openView(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
  options?: OpenOptions,
): Promise<ViewStore> {
  const checkpoint = await openCheckpoint(connection, view, generation, options);
  const stored = collectionOf<StoredDocument>(connection, view, generation);
  // Not only for a new generation: a database restored from a dump may lack its indexes.
  await prepareDocuments(stored.collection, view.lookups);
  return {
    checkpoint: checkpoint.read,
    ...readsOf(connection, stored),
    write: async ({ documents, from, to }) => {
      await writeDocuments(stored, documents);
      return (await checkpoint.move(from, to)) ? 'written' : 'refused';
    },
    put: (documents) => writeDocuments(stored, documents),
    // How long MongoDB keeps replaced documents in its files is beyond padron's control.
    erase: (documents) => writeDocuments(stored, documents),
    repair: (from, to) => repairDocument(stored, from, to),
    // Writes are durable when they resolve, and the indexes exist from the start.
    seal: async ({ onProgress } = {}) => onProgress?.(1),
  };
}

/** The current generation of a view. */
export function shownView(connection: MongoConnection, view: ViewDeclaration): ViewReader {
  const { checkpoint, read } = followCurrent(connection, view, (generation) =>
    readsOf(connection, collectionOf(connection, view, generation)),
  );
  return {
    checkpoint,
    load: (ids) => read((reads) => reads.load(ids)),
    lookUp: (name, value) => read((reads) => reads.lookUp(name, value)),
    page: (query) => read((reads) => reads.page(query), isFilled),
    unfindable: (documents) =>
      read(
        (reads) => reads.unfindable(documents),
        (ids) => ids.length < documents.length,
      ),
    scan: (stretch) => read((reads) => reads.scan(stretch)),
    ids: (stretch) => read((reads) => reads.ids(stretch)),
    parked: (stretch) => read((reads) => reads.parked(stretch)),
    countParked: () =>
      read(
        (reads) => reads.countParked(),
        (count) => count > 0,
      ),
  };
}

const isFilled = ({ documents, next }: DocumentPage): boolean => documents.length > 0 || next !== null;

const IS_PARKED = { 'parked.position': { $exists: true } };

function readsOf(
  { db }: MongoConnection,
  stored: TimedCollection<StoredDocument>,
): Omit<ViewReader, 'checkpoint'> {
  const { collection, maxTimeMS } = stored;
  const find = async (
    filter: Filter<StoredDocument>,
    limit: number,
    options: FindOptions = {},
  ): Promise<ViewDocument[]> =>
    (await findAll(stored, filter, { ...options, limit, sort: { _id: 1 } })).map(toDocument);
  const load = async (ids: readonly number[]): Promise<ViewDocument[]> =>
    ids.length === 0 ? [] : find({ _id: { $in: [...ids] } }, ids.length);
  const next = (after: number, limit: number): Promise<ViewDocument[]> =>
    find({ _id: { $gt: after }, body: { $ne: null } }, limit);

  return {
    load,
    // Without the hints a server may walk all documents to return them in order, instead of sorting few.
    lookUp: (name, value) => find({ [`lookup.${name}`]: value }, MAX_FOUND, { hint: byLookup(name) }),
    page: (query) => documentPage({ index: searchIndex(stored), next, load }, query),
    unfindable: (documents) => unfindableDocuments(stored, documents),
    scan: ({ after, limit }) => find({ _id: { $gt: after } }, limit),
    async ids({ after, limit }) {
      const options = { limit, sort: { _id: 1 }, projection: { _id: 1 } } as const;
      return (await findAll(stored, { _id: { $gt: after } }, options)).map(({ _id }) => _id);
    },
    parked: ({ after, limit }) => find({ _id: { $gt: after }, ...IS_PARKED }, limit, { hint: BY_PARKED }),
    // A command rather than an aggregation: compatible servers have it, and it reads only the index.
    async countParked() {
      const command = { count: collection.collectionName, query: IS_PARKED, hint: BY_PARKED, maxTimeMS };
      return Number((await answered(() => db.command(command)))['n']);
    },
  };
}
