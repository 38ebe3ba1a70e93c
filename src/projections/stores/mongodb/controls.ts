import { randomInt } from 'node:crypto';
import type { ViewRecords } from '../../record/viewRecord.ts';
import { readableViewRecord } from '../../record/readableViewRecord.ts';
import { whenAnswered } from './connection/answers.ts';
import type { MongoConnection } from './connection/connection.ts';
import {
  controlDocuments,
  controlId,
  ensureControlDocument,
  atCheckpoint,
} from './connection/controlDocument.ts';

/**
 * The view records. They share their documents with the generations' checkpoints, so that one
 * compare-and-set covers a decision and the checkpoint that it depends on. A decision sets only its
 * own members; a checkpoint moves without touching them.
 */
export function openControls(connection: MongoConnection): ViewRecords {
  const documents = controlDocuments(connection);
  const { timeLimitMs: maxTimeMS } = connection;

  /** Whether the decision with this stamp is the stored one or the one before it. */
  const isStored = async (_id: string, stamp: number): Promise<boolean> => {
    const found = await documents.findOne({ _id }, { projection: { stamp: 1, follows: 1 }, maxTimeMS });
    return found?.stamp === stamp || found?.follows === stamp;
  };

  return {
    read: (view) =>
      whenAnswered(async () => {
        const found = await documents.findOne({ _id: controlId(view) }, { maxTimeMS });
        if (!found || found.stamp === null) return null;
        const { stamp, live, kept, newest, jobsBegun, jobs, report, log } = found;
        const control = { live, kept, newest, jobsBegun, jobs };
        const record = { ...control, ...(report && { report }), ...(log && { log }) };
        return { stamp, control: readableViewRecord(view, record) };
      }),

    replace: (view, from, to, standing) => {
      const _id = controlId(view);
      const stamp = newStamp();
      const follows = from?.stamp ?? null;
      const { live, kept, newest, jobsBegun, jobs, report, log } = to;
      return whenAnswered(async (isRepeated) => {
        // First, so that the compare-and-set needs no upsert, which would race with a view that is
        // being opened and creates the document.
        if (!from) await ensureControlDocument(documents, _id, maxTimeMS);
        const { matchedCount } = await documents.updateOne(
          { _id, stamp: follows, ...(standing && atCheckpoint(standing.generation, standing.checkpoint)) },
          {
            $set: {
              stamp,
              follows,
              live,
              kept,
              newest,
              jobsBegun,
              jobs,
              report: report ?? null,
              ...(log === undefined ? {} : { log }),
            },
          },
          { ignoreUndefined: true, maxTimeMS },
        );
        return matchedCount === 1 || (isRepeated && (await isStored(_id, stamp)));
      });
    },

    versions: (name) =>
      whenAnswered(async () => {
        const found = await documents
          .find({ _id: { $gte: `${name}@`, $lt: `${name}A` } }, { projection: { stamp: 1 }, maxTimeMS })
          .toArray();
        const decided = found.filter(({ stamp }) => stamp !== null);
        return decided.map(({ _id }) => Number(_id.slice(name.length + 1))).sort((a, b) => a - b);
      }),

    forget: (view) =>
      whenAnswered(async () => {
        await documents.deleteOne({ _id: controlId(view) }, { maxTimeMS });
      }),
  };
}

/** Not a counter, because two writers that start from the same record must not make the same stamp. */
const newStamp = (): number => randomInt(1, 2 ** 48 - 1);
