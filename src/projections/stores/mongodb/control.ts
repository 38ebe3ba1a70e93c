import type { Collection } from 'mongodb';
import type { Checkpoint, ViewDeclaration } from '../../readModel.ts';
import type { MongoConnection } from './connection.ts';
import { ReadModelError } from '../../readModel.ts';
import { isDuplicateKey, whenAnswered } from './answers.ts';

/** Positions are strings: exact beyond 2^53, and never compared by the server but for equality. */
interface StoredCheckpoint {
  position: string | null;
  eventPosition: string | null;
  eventId: string | null;
}

/** What is stored of one view in one version: which generation is shown, and how far each generation is. */
interface ControlDocument {
  _id: string;
  live: number;
  /** By `g` and number: a bare number in a path would be taken for an array index by some servers. */
  generations: Record<string, StoredCheckpoint>;
}

/** One generation's part of its view's control document. */
export interface Control {
  generation: number;
  checkpoint(): Promise<Checkpoint | null>;
  /** Moves the checkpoint by compare-and-set; false when it was not `from`. */
  move(from: Checkpoint | null, to: Checkpoint): Promise<boolean>;
}

/** The control document of a view in its version, of its live generation; made if there is none. */
export async function openControl(connection: MongoConnection, view: ViewDeclaration): Promise<Control> {
  const documents = connection.db.collection<ControlDocument>('views');
  const maxTimeMS = connection.timeLimitMs;
  const _id = `${view.name}@${view.version}`;
  const generation = await whenAnswered(() => liveGeneration(documents, _id, maxTimeMS));
  const member = `generations.g${generation}`;

  const checkpoint = async (): Promise<Checkpoint | null> => {
    const document = await documents.findOne({ _id }, { maxTimeMS });
    const record = document?.generations[`g${generation}`];
    // Not "nothing applied yet": a writer would start over and be refused for ever.
    if (!record)
      throw new ReadModelError(`MongoDB: the control document of ${_id} lost generation ${generation}`);
    return fromStored(record);
  };

  return {
    generation,
    checkpoint: () => whenAnswered(checkpoint),
    move: (from, to) => {
      let repeated = false;
      return whenAnswered(async () => {
        // An earlier attempt whose answer was lost may have moved it.
        if (repeated && same(await checkpoint(), to)) return true;
        repeated = true;
        const expected = toStored(from);
        const { matchedCount } = await documents.updateOne(
          {
            _id,
            [`${member}.position`]: expected.position,
            [`${member}.eventId`]: expected.eventId,
          },
          { $set: { [member]: toStored(to) } },
          { maxTimeMS },
        );
        return matchedCount === 1;
      });
    },
  };
}

async function liveGeneration(
  documents: Collection<ControlDocument>,
  _id: string,
  maxTimeMS: number,
): Promise<number> {
  const there = await documents.findOne({ _id }, { maxTimeMS });
  if (there) return there.live;
  const first: ControlDocument = { _id, live: 1, generations: { g1: toStored(null) } };
  try {
    await documents.insertOne(first, { maxTimeMS });
    return first.live;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return liveGeneration(documents, _id, maxTimeMS);
  }
}

const same = (a: Checkpoint | null, b: Checkpoint): boolean =>
  a !== null && a.position === b.position && a.event?.id === b.event?.id;

const toStored = (checkpoint: Checkpoint | null): StoredCheckpoint => ({
  position: checkpoint?.position.toString() ?? null,
  eventPosition: checkpoint?.event?.position.toString() ?? null,
  eventId: checkpoint?.event?.id ?? null,
});

function fromStored({ position, eventPosition, eventId }: StoredCheckpoint): Checkpoint | null {
  if (position === null) return null;
  const event =
    eventPosition === null || eventId === null ? null : { position: BigInt(eventPosition), id: eventId };
  return { position: BigInt(position), event };
}
