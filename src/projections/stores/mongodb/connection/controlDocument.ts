import type { Collection } from 'mongodb';
import { NO_VIEW_RECORD, type ViewRecord } from '../../../record/viewRecord.ts';
import type { Checkpoint, ViewDeclaration } from '../../../record/viewDeclaration.ts';
import { isDuplicateKey } from './answers.ts';
import type { MongoConnection } from './connection.ts';

/** The stored state of a view in one version: its record and each generation's checkpoint. */
export interface ControlDocument extends ViewRecord {
  /** `personas@1` */
  _id: string;
  /** Random, new with each decision; null if there are checkpoints but no decision yet. */
  stamp: number | null;
  /**
   * The previous stamp, so that a writer whose answer was lost recognises its decision even after
   * the next one.
   */
  follows: number | null;
  /**
   * Keyed by `g` and the number, because some servers take a bare number in a path for an array
   * index.
   */
  generations: Record<string, StoredCheckpoint>;
}

/** Positions are strings: exact beyond 2^53, and the server only compares them for equality. */
export interface StoredCheckpoint {
  position: string | null;
  eventPosition: string | null;
  eventId: string | null;
}

/** Not `views`: an early format used that name. */
export const controlDocuments = ({ db }: MongoConnection): Collection<ControlDocument> =>
  db.collection<ControlDocument>('controls');

export const controlId = ({ name, version }: ViewDeclaration): string => `${name}@${version}`;

/** Path of a generation's checkpoint in its control document. */
export const memberOf = (generation: number): string => `generations.g${generation}`;

/** Matches a control document by a checkpoint; null also matches a generation without one. */
export const atCheckpoint = (
  generation: number,
  checkpoint: Checkpoint | null,
): Record<string, string | null> => {
  const { position, eventId } = toStored(checkpoint);
  const member = memberOf(generation);
  return { [`${member}.position`]: position, [`${member}.eventId`]: eventId };
};

/** Creates the document, without a decision, unless it exists. */
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
