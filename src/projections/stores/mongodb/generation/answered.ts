import type { Document, Filter, FindOptions, WithId } from 'mongodb';
import { whenAnswered } from '../../../../platform/mongodb/answers.ts';
import {
  connectMongo,
  type MongoConnection,
  type MongoConnectionOptions,
  type TimedCollection,
} from '../../../../platform/mongodb/connection.ts';
import { MongoFailure } from '../../../../platform/mongodb/mongoFailure.ts';
import { ReadModelError, ReadModelRefusedError } from '../../../record/readModelError.ts';

/** See connectMongo; rejects with the port's errors. */
export const connect = (options: MongoConnectionOptions): Promise<MongoConnection> =>
  asReadModel(() => connectMongo(options));

/** See whenAnswered; rejects with the port's errors. */
export const answered = <T>(run: (isRepeated: boolean) => Promise<T>): Promise<T> =>
  asReadModel(() => whenAnswered(run));

/** The first `limit` documents, at least 1, in one batch. */
export const findAll = <Stored extends Document>(
  { collection, maxTimeMS }: TimedCollection<Stored>,
  filter: Filter<Stored>,
  options: FindOptions & { limit: number },
): Promise<WithId<Stored>[]> =>
  answered(() => collection.find(filter, { ...options, batchSize: options.limit, maxTimeMS }).toArray());

/** Documents per command, so that its time limit leaves 10 ms for each. */
const CHUNK = 1_000;

/** Runs `write` on the documents, a chunk at a time. */
export async function inChunks<Item>(
  items: readonly Item[],
  write: (chunk: readonly Item[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += CHUNK) {
    const chunk = items.slice(start, start + CHUNK);
    await answered(() => write(chunk));
  }
}

async function asReadModel<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof MongoFailure)) throw error;
    throw error.isRefusal ? new ReadModelRefusedError(error.message) : new ReadModelError(error.message);
  }
}
