import { randomInt } from 'node:crypto';
import type { MongoConnection } from '../../../platform/mongodb/connection.ts';
import { readableViewRecord, type ViewRecords } from '../../record/viewRecord.ts';
import { answered } from './generation/answered.ts';
import {
  atCheckpoint,
  controlDocument,
  controlDocuments,
  type ControlAccess,
} from './generation/controlDocument.ts';

/**
 * The view records. They share their documents with the generations' checkpoints, so that one
 * compare-and-set covers a decision and the checkpoint that it depends on. A decision sets only its
 * own members; a checkpoint moves without touching them.
 */
export function openControls(connection: MongoConnection): ViewRecords {
  return {
    async read(view) {
      const found = await answered(() => controlDocument(connection, view).find());
      if (!found || found.stamp === null) return null;
      const { stamp, live, kept, newest, jobsBegun, jobs, report, log } = found;
      const record = { live, kept, newest, jobsBegun, jobs, ...(report && { report }), ...(log && { log }) };
      return { stamp, control: readableViewRecord(view, record) };
    },

    replace: (view, from, to, standing) => {
      const document = controlDocument(connection, view);
      const stamp = newStamp();
      const follows = from?.stamp ?? null;
      const { live, kept, newest, jobsBegun, jobs, report = null, log } = to;
      const decision = { live, kept, newest, jobsBegun, jobs, report, ...(log !== undefined && { log }) };
      return answered(async (isRepeated) => {
        // First, so that the compare-and-set needs no upsert, which would race with a view that is
        // being opened and creates the document.
        if (!from) await document.ensure();
        const isReplaced = await document.update(
          { $set: { stamp, follows, ...decision } },
          { stamp: follows, ...(standing && atCheckpoint(standing.generation, standing.checkpoint)) },
        );
        return isReplaced || (isRepeated && (await isDecided(document, stamp)));
      });
    },

    async versions(name) {
      const ofView = { _id: { $gte: `${name}@`, $lt: `${name}A` } };
      const options = { projection: { stamp: 1 }, maxTimeMS: connection.timeLimitMs };
      const found = await answered(() => controlDocuments(connection).find(ofView, options).toArray());
      const decided = found.filter(({ stamp }) => stamp !== null);
      return decided.map(({ _id }) => Number(_id.slice(name.length + 1))).sort((a, b) => a - b);
    },

    forget: (view) => answered(() => controlDocument(connection, view).remove()),
  };
}

/** Whether the decision with this stamp is the stored one or the one before it. */
async function isDecided(document: ControlAccess, stamp: number): Promise<boolean> {
  const found = await document.find({ stamp: 1, follows: 1 });
  return found?.stamp === stamp || found?.follows === stamp;
}

/** Not a counter, because two writers that start from the same record must not make the same stamp. */
const newStamp = (): number => randomInt(1, 2 ** 48 - 1);
