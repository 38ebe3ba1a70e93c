import type { Collection, Document, Filter, UpdateFilter } from 'mongodb';
import { unlessDuplicate } from '../../../../platform/mongodb/answers.ts';
import type { MongoConnection } from '../../../../platform/mongodb/connection.ts';
import { DamagedViewError, GoneGenerationError } from '../../../record/readModelError.ts';
import type { Checkpoint, ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { NO_VIEW_RECORD, type ViewRecord } from '../../../record/viewRecord.ts';

/** The stored state of a view in one version: its record and each generation's checkpoint. */
export interface ControlDocument extends ViewRecord {
  /** `personas@1` */
  _id: string;
  /** Random, new with each decision; null if there are checkpoints but no decision yet. */
  stamp: number | null;
  /** The previous stamp: a writer whose answer was lost recognises its decision after the next one. */
  follows: number | null;
  /** Keyed by `g` and the number: some servers take a bare number in a path for an array index. */
  generations: Record<string, StoredCheckpoint>;
}

/** Positions are strings: exact beyond 2^53, and the server only compares them for equality. */
interface StoredCheckpoint {
  position: string | null;
  eventPosition: string | null;
  eventId: string | null;
}

/** Not `views`: an early format used that name. */
export const controlDocuments = ({ db }: MongoConnection): Collection<ControlDocument> =>
  db.collection<ControlDocument>('controls');

export type ControlAccess = ReturnType<typeof controlDocument>;

/** Access to the control document of a view. Rejects with the driver's errors. */
export function controlDocument(connection: MongoConnection, { name, version }: ViewDeclaration) {
  const documents = controlDocuments(connection);
  const maxTimeMS = connection.timeLimitMs;
  const _id = `${name}@${version}`;
  return {
    id: _id,
    /** Null if it does not exist. `projection`: default all members. */
    find: (projection: Document = {}): Promise<ControlDocument | null> =>
      documents.findOne({ _id }, { projection, maxTimeMS }),
    /** Changes the document if it also matches `where`; whether it did. */
    async update(
      change: UpdateFilter<ControlDocument>,
      where: Filter<ControlDocument> = {},
    ): Promise<boolean> {
      const options = { ignoreUndefined: true, maxTimeMS };
      return (await documents.updateOne({ ...where, _id }, change, options)).matchedCount === 1;
    },
    /** Creates it, without a decision, unless it exists. */
    async ensure(): Promise<void> {
      const none = { stamp: null, follows: null, generations: {} };
      await unlessDuplicate(documents.insertOne({ _id, ...NO_VIEW_RECORD, ...none }, { maxTimeMS }));
    },
    async remove(): Promise<void> {
      await documents.deleteOne({ _id }, { maxTimeMS });
    },
  };
}

/** Path of a generation's checkpoint in its control document. */
export const memberOf = (generation: number): string => `generations.g${generation}`;

/** Matches a control document by a checkpoint; null also matches a generation without one. */
export function atCheckpoint(generation: number, checkpoint: Checkpoint | null): Filter<ControlDocument> {
  const { position, eventId } = toStored(checkpoint);
  const member = memberOf(generation);
  return { [`${member}.position`]: position, [`${member}.eventId`]: eventId };
}

export const toStored = (checkpoint: Checkpoint | null): StoredCheckpoint => ({
  position: checkpoint?.position.toString() ?? null,
  eventPosition: checkpoint?.event?.position.toString() ?? null,
  eventId: checkpoint?.event?.id ?? null,
});

/** What to read of a control document for a generation's checkpoint. */
export const CHECKPOINTS = { live: 1, generations: 1 };

/**
 * A generation's checkpoint in its control document. Throws GoneGenerationError, or DamagedViewError if
 * it is the current one: a sweep of an older version may have been interrupted after it was dropped.
 */
export function checkpointIn(
  found: Pick<ControlDocument, 'live' | 'generations'> | null,
  { id }: Pick<ControlAccess, 'id'>,
  generation: number,
): Checkpoint | null {
  const stored = found?.generations[`g${generation}`];
  if (stored) return fromStored(stored);
  if (found?.live === generation) throw new DamagedViewError(`${id} has lost its generation ${generation}`);
  throw new GoneGenerationError(id, generation);
}

function fromStored({ position, eventPosition, eventId }: StoredCheckpoint): Checkpoint | null {
  if (position === null) return null;
  const event =
    eventPosition === null || eventId === null ? null : { position: BigInt(eventPosition), id: eventId };
  return { position: BigInt(position), event };
}
