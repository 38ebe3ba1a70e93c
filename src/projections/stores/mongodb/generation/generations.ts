import type { Document } from 'mongodb';
import type { MongoConnection, TimedCollection } from '../../../../platform/mongodb/connection.ts';
import type { OpenOptions } from '../../../ports/readModel.ts';
import { isSameCheckpoint, type Checkpoint, type ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { answered } from './answered.ts';
import {
  atCheckpoint,
  CHECKPOINTS,
  checkpointIn,
  controlDocument,
  memberOf,
  toStored,
} from './controlDocument.ts';

/** The collection of a generation's data: `personas_v1_g2`. */
export const collectionName = (view: ViewDeclaration, generation: number): string =>
  `${namePrefix(view)}${generation}`;

const namePrefix = ({ name, version }: ViewDeclaration): string => `${name}_v${version}_g`;

/** That collection; it comes into being with the first write. */
export const collectionOf = <Stored extends Document>(
  { db, timeLimitMs }: MongoConnection,
  view: ViewDeclaration,
  generation: number,
): TimedCollection<Stored> => ({
  collection: db.collection<Stored>(collectionName(view, generation)),
  maxTimeMS: timeLimitMs,
});

/** The checkpoint of a generation; see ReadModel.open. */
export async function openCheckpoint(
  connection: MongoConnection,
  view: ViewDeclaration,
  generation: number,
  { mustExist = false }: OpenOptions = {},
) {
  const document = controlDocument(connection, view);
  const member = memberOf(generation);
  await answered(async () => {
    const found = await document.find(CHECKPOINTS);
    if (mustExist) checkpointIn(found, document, generation);
    if (found?.generations[`g${generation}`]) return;
    await document.ensure();
    await document.update({ $set: { [member]: toStored(null) } }, { [member]: { $exists: false } });
  });

  const find = async (): Promise<Checkpoint | null> =>
    checkpointIn(await document.find(CHECKPOINTS), document, generation);

  return {
    /**
     * Rejects if the generation does not exist or was dropped: null ("nothing applied yet") would make
     * a writer start over.
     */
    read: () => answered(find),
    /** Moves it by compare-and-set; false if it was not `from` or the generation is gone. */
    move: (from: Checkpoint | null, to: Checkpoint): Promise<boolean> =>
      answered(async (isRepeated) => {
        const isMoved = await document.update(
          { $set: { [member]: toStored(to) } },
          // A null checkpoint also matches a missing generation.
          { [member]: { $exists: true }, ...atCheckpoint(generation, from) },
        );
        return isMoved || (isRepeated && isSameCheckpoint(await find(), to));
      }),
  };
}

/** The numbers of the generations that have a checkpoint or a collection, in ascending order. */
export async function listGenerations(connection: MongoConnection, view: ViewDeclaration): Promise<number[]> {
  const prefix = namePrefix(view);
  const [document, collections] = await answered(() =>
    Promise.all([
      controlDocument(connection, view).find({ generations: 1 }),
      connection.db.listCollections({}, { nameOnly: true }).toArray(),
    ]),
  );
  const numbers = [
    ...Object.keys(document?.generations ?? {}).map((member) => member.slice(1)),
    ...collections.filter(({ name }) => name.startsWith(prefix)).map(({ name }) => name.slice(prefix.length)),
  ];
  const known = new Set(numbers.filter((one) => /^\d+$/.test(one)).map(Number));
  return [...known].sort((a, b) => a - b);
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
  await answered(async () => {
    await controlDocument(connection, view).update({ $unset: { [memberOf(generation)]: '' } });
    await connection.db.dropCollection(collectionName(view, generation));
  });
}
