import type { Collection, Document } from 'mongodb';
import { ReadModelError } from '../../../record/readModelError.ts';
import { isSameCheckpoint, type Checkpoint, type ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { whenAnswered } from '../connection/answers.ts';
import type { MongoConnection } from '../connection/connection.ts';
import {
  controlDocuments,
  controlId,
  ensureControlDocument,
  fromStored,
  memberOf,
  atCheckpoint,
  toStored,
} from '../connection/controlDocument.ts';

/** The checkpoint of one generation. */
export interface GenerationCheckpoint {
  /**
   * Rejects if the generation does not exist or was dropped: null ("nothing applied yet") would make
   * a writer start over.
   */
  read(): Promise<Checkpoint | null>;
  /** Moves it by compare-and-set; false if it was not `from` or the generation is gone. */
  move(from: Checkpoint | null, to: Checkpoint): Promise<boolean>;
}

/** The collection of a generation's data: `personas_v1_g2`. */
export const collectionName = (view: ViewDeclaration, generation: number): string =>
  `${namePrefix(view)}${generation}`;

const namePrefix = ({ name, version }: ViewDeclaration): string => `${name}_v${version}_g`;

/** That collection; it comes into being with the first write. */
export const collectionOf = <Stored extends Document>(
  { db }: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): Collection<Stored> => db.collection<Stored>(collectionName(view, generation));

/** Creates the generation unless it exists. */
export async function beginGeneration(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): Promise<void> {
  const documents = controlDocuments(connection);
  const maxTimeMS = connection.timeLimitMs;
  const [_id, member] = [controlId(view), memberOf(generation)];
  await whenAnswered(async () => {
    if (await documents.findOne({ _id, [member]: { $exists: true } }, { projection: { _id: 1 }, maxTimeMS }))
      return;
    await ensureControlDocument(documents, _id, maxTimeMS);
    await documents.updateOne(
      { _id, [member]: { $exists: false } },
      { $set: { [member]: toStored(null) } },
      { maxTimeMS },
    );
  });
}

export function generationCheckpoint(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): GenerationCheckpoint {
  const documents = controlDocuments(connection);
  const maxTimeMS = connection.timeLimitMs;
  const [_id, member] = [controlId(view), memberOf(generation)];

  const read = async (): Promise<Checkpoint | null> => {
    const document = await documents.findOne({ _id }, { projection: { generations: 1 }, maxTimeMS });
    const stored = document?.generations[`g${generation}`];
    if (!stored) throw new ReadModelError(`${_id} has no generation ${generation}`);
    return fromStored(stored);
  };

  return {
    read: () => whenAnswered(read),
    move: (from, to) =>
      whenAnswered(async (isRepeated) => {
        const { matchedCount } = await documents.updateOne(
          // A null checkpoint also matches a missing generation.
          { _id, [member]: { $exists: true }, ...atCheckpoint(generation, from) },
          { $set: { [member]: toStored(to) } },
          { maxTimeMS },
        );
        return matchedCount === 1 || (isRepeated && isSameCheckpoint(await read(), to));
      }),
  };
}

/** The numbers of the generations that have a checkpoint or a collection, in ascending order. */
export async function listGenerations(connection: MongoConnection, view: ViewDeclaration): Promise<number[]> {
  const prefix = namePrefix(view);
  return whenAnswered(async () => {
    const [document, collections] = await Promise.all([
      controlDocuments(connection).findOne(
        { _id: controlId(view) },
        { projection: { generations: 1 }, maxTimeMS: connection.timeLimitMs },
      ),
      connection.db.listCollections({}, { nameOnly: true }).toArray(),
    ]);
    const numbers = [
      ...Object.keys(document?.generations ?? {}).map((member) => member.slice(1)),
      ...collections
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name }) => name.slice(prefix.length)),
    ];
    const known = new Set(numbers.filter((one) => /^\d+$/.test(one)).map(Number));
    return [...known].sort((a, b) => a - b);
  });
}

/**
 * Removes the checkpoint first, so that a crash leaves data without a checkpoint, never a checkpoint
 * without data. May be repeated: data that a late writer adds is listed and can be dropped again.
 */
export async function dropGeneration(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): Promise<void> {
  await whenAnswered(async () => {
    await controlDocuments(connection).updateOne(
      { _id: controlId(view) },
      { $unset: { [memberOf(generation)]: '' } },
      { maxTimeMS: connection.timeLimitMs },
    );
    await connection.db.dropCollection(collectionName(view, generation));
  });
}
