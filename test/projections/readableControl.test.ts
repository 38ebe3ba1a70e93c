import { expect } from 'chai';
import { join } from 'node:path';
import { MongoClient } from 'mongodb';
import {
  NO_VIEW_RECORD,
  readableViewRecord,
  withRebuild,
  type ViewRecord,
} from '../../src/projections/record/viewRecord.ts';
import { UnknownRecordError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { reportOf } from '../../src/projections/following/whyPaused.ts';
import { Database } from '../../src/platform/sqlite/sqlite.ts';
import { failureOf } from '../events/contract/steps.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { PEOPLE } from './contract/examples.ts';

const NOW = '2026-03-01T08:00:00.000Z';
const control: ViewRecord = {
  ...withRebuild({ ...NO_VIEW_RECORD, live: 1, newest: 1 }, PEOPLE, NOW)!,
  report: { state: 'live', lastError: null },
  log: 'log',
};
const [job] = control.jobs;

const NEWER: Record<string, object> = {
  'a job of another kind': { jobs: [{ ...job, kind: 'reindex' }] },
  'a job in another state': { jobs: [{ ...job, state: 'queued' }] },
  'a job without its generation': { jobs: [{ ...job, generation: undefined }] },
  'jobs by id': { jobs: { [job!.id]: job } },
  'several live generations': { live: [1, 2] },
  'a number that is a text': { newest: '2' },
  'a state of a view that is new': { report: { state: 'asleep', lastError: null } },
  'a need that is new': { report: { state: 'paused', lastError: null, needs: 'space' } },
};

async function expectUnknown(readModel: ReadModel): Promise<void> {
  const error = await failureOf(readModel.controls.read(PEOPLE));
  expect(error).to.be.instanceOf(UnknownRecordError);
  expect(error).to.have.property(
    'message',
    'the record of people@1 has a format that this padron does not know: upgrade this instance',
  );
  expect(reportOf(error)).to.include({ state: 'paused', needs: 'upgrade' });
}

describe('A view record', () => {
  for (const [what, change] of Object.entries(NEWER)) {
    it(`is refused with a request to upgrade if it has ${what}`, () => {
      expect(() => readableViewRecord(PEOPLE, { ...control, ...change })).to.throw(UnknownRecordError);
    });
  }

  it('may have unknown members, which are kept', () => {
    const newer = { ...control, colour: 'red', jobs: [{ ...job, colour: 'blue' }] };
    expect(readableViewRecord(PEOPLE, newer)).to.deep.equal(newer);
  });

  it('is readable as an earlier padron wrote it, without a report and a log', () => {
    const { report: _report, log: _log, ...earlier } = control;
    expect(readableViewRecord(PEOPLE, earlier)).to.deep.equal(earlier);
  });

  it('in an embedded file is refused by the views that depend on it as well', async () => {
    const folder = newFolder();
    const readModel = openSqliteReadModel({ folder });
    try {
      await readModel.controls.replace(PEOPLE, null, control);
      const db = new Database(join(folder, 'control.db'), 0);
      db.prepare('UPDATE controls SET record = ?').run(JSON.stringify({ ...control, live: 'g1' }));
      db.close();
      await expectUnknown(readModel);
      const read = await failureOf(readModel.shown(PEOPLE).load([1]));
      expect(read).to.be.instanceOf(UnknownRecordError);
    } finally {
      await readModel.close();
      removeFolder(folder);
    }
  });
});

describeOnMongo('A view record or lease on MongoDB', () => {
  it('is refused with a request to upgrade if it has another shape', async () => {
    const database = testDatabase();
    const readModel = await openMongoReadModel({ url: database.url });
    const client = new MongoClient(database.url);
    try {
      await readModel.controls.replace(PEOPLE, null, control);
      await client
        .db()
        .collection('controls')
        .updateOne({}, { $set: { jobs: [{ ...job, state: 'queued' }] } });
      await expectUnknown(readModel);
      await client
        .db()
        .collection<{ _id: string; holders: string[] }>('leases')
        .insertOne({ _id: 'people', holders: ['a'] });
      const { signal } = new AbortController();
      const error = await failureOf(readModel.leases.acquire('people', { signal }));
      expect(error).to.be.instanceOf(UnknownRecordError);
    } finally {
      await client.close();
      await readModel.close();
      await database.drop();
    }
  });
});
