import type { Collection } from 'mongodb';
import { NO_VIEW_RECORD, type ViewRecord } from '../../ports/viewRecord.ts';
import type { Checkpoint, ViewDeclaration } from '../../ports/readModel.ts';
import { isDuplicateKey } from './answers.ts';
import type { MongoConnection } from './connection.ts';

/** What is stored of one view in one version: what is decided about it, and how far each generation is. */
export interface ControlDocument extends ViewRecord {
  /** `personas@1` */
  _id: string;
  /** Random and another one with each decision; null: there are checkpoints, but nothing is decided yet. */
  stamp: number | null;
  /** The stamp before, so that a writer whose answer was lost knows its decision also when the next one is there already. */
  follows: number | null;
  /** By `g` and number: a bare number in a path would be taken for an array index by some servers. */
  generations: Record<string, StoredCheckpoint>;
}

/** Positions are strings: exact beyond 2^53, and never compared by the server but for equality. */
export interface StoredCheckpoint {
  position: string | null;
  eventPosition: string | null;
  eventId: string | null;
}

/** Not `views`: that is what an early format was called. */
export const controlDocuments = ({ db }: MongoConnection): Collection<ControlDocument> =>
  db.collection<ControlDocument>('controls');

export const controlId = ({ name, version }: ViewDeclaration): string => `${name}@${version}`;

/** Where a generation's checkpoint is in its control document. */
export const memberOf = (generation: number): string => `generations.g${generation}`;

/** Finds a control document by a checkpoint; null is also found where that generation has none. */
export const standsAt = (
  generation: number,
  checkpoint: Checkpoint | null,
): Record<string, string | null> => {
  const { position, eventId } = toStored(checkpoint);
  const member = memberOf(generation);
  return { [`${member}.position`]: position, [`${member}.eventId`]: eventId };
};

/** Makes the document, with nothing decided, where there is none. */
export async function ensureControlDocument(
  documents: Collection<ControlDocument>,
  _id: string,
  maxTimeMS: number,
): Promise<void> {
  const empty: ControlDocument = { _id, ...NO_VIEW_RECORD, stamp: null, follows: null, generations: {} };
  try {
    await documents.insertOne(empty, { maxTimeMS });
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
  }
}

export const toStored = (checkpoint: Checkpoint | null): StoredCheckpoint => ({
  position: checkpoint?.position.toString() ?? null,
  eventPosition: checkpoint?.event?.position.toString() ?? null,
  eventId: checkpoint?.event?.id ?? null,
});

export function fromStored({ position, eventPosition, eventId }: StoredCheckpoint): Checkpoint | null {
  if (position === null) return null;
  const event =
    eventPosition === null || eventId === null ? null : { position: BigInt(eventPosition), id: eventId };
  return { position: BigInt(position), event };
}
