import { randomInt } from 'node:crypto';
import type { ViewRecords } from '../../record/viewRecord.ts';
import { readableViewRecord } from '../../record/readableViewRecord.ts';
import { whenAnswered } from './connection/answers.ts';
import type { MongoConnection } from './connection/connection.ts';
import {
  controlDocuments,
  controlId,
  ensureControlDocument,
  standsAt,
} from './connection/controlDocument.ts';

/**
 * The view records, in the documents that also hold the generations' checkpoints, so that a
 * decision and what it depends on are compared atomically. A decision sets only its own members; a
 * checkpoint moves without touching them.
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
      let attempts = 0;
      return whenAnswered(async () => {
        attempts += 1;
        // First, so that the comparison needs no upsert, which would race with an opened view
        // creating the document.
        if (!from) await ensureControlDocument(documents, _id, maxTimeMS);
        const { matchedCount } = await documents.updateOne(
          { _id, stamp: follows, ...(standing && standsAt(standing.generation, standing.checkpoint)) },
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
        // An earlier attempt whose answer was lost may have succeeded.
        return matchedCount === 1 || (attempts > 1 && (await isStored(_id, stamp)));
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

/** Not a counter: two writers starting from the same record must not arrive at the same stamp. */
const newStamp = (): number => randomInt(1, 2 ** 48 - 1);
