import { expect } from 'chai';
import { pino } from 'pino';
import { catchUpViews } from '../../src/cli/jobs/catchUp.ts';
import { followJob } from '../../src/cli/jobs/followJob.ts';
import { workHere } from '../../src/cli/jobs/viewJob.ts';
import { EXIT, report } from '../../src/cli/output/exit.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { NO_VIEW_RECORD, withRebuild, type Job } from '../../src/projections/record/viewRecord.ts';
import { ReadModelError, ReadModelRefusedError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { createJobs } from '../../src/projections/rebuild/jobs.ts';
import { createParkedSubjects } from '../../src/projections/parking/createParkedSubjects.ts';
import { projectedViews, VIEWS, viewsByKind } from '../../src/projections/views/allViews.ts';
import { openMongoKeyStore } from '../../src/sealing/stores/mongoKeyStore.ts';
import { failureOf } from '../events/contract/steps.ts';
import { aPersona } from '../support/people.ts';
import { openVerified, type Verified } from '../verify/support/verified.ts';

const REFUSED = new ReadModelRefusedError('the account may not write');
const NOW = '2026-03-01T10:00:00.000Z';

describe('A command whose store refuses', function () {
  this.timeout(20_000);
  let verified: Verified;

  beforeEach(async () => {
    verified = await openVerified();
    await aPersona(verified);
  });
  afterEach(async () => {
    await verified.close();
  });

  const catchUp = (readModel: ReadModel): Promise<bigint | null> =>
    catchUpViews({
      views: projectedViews(),
      readModel,
      store: verified.store,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
      signal: new AbortController().signal,
    });
  const withoutLeases = (readModel: ReadModel): ReadModel => ({
    ...readModel,
    leases: { ...readModel.leases, acquire: () => Promise.reject(REFUSED) },
  });

  it('does not wait for views that it may not catch up', async () => {
    expect(await failureOf(catchUp(withoutLeases(verified.readModel)))).to.equal(REFUSED);
  });

  it('needs no right to write to views that are caught up', async () => {
    const head = await verified.level();
    expect(await catchUp(withoutLeases(verified.readModel))).to.equal(head);
  });

  it('does not go on with a rebuild, and leaves the job to the next instance', async () => {
    await verified.level();
    const { store, readModel } = verified;
    const refusing: ReadModel = {
      ...readModel,
      async open(view, generation, options) {
        const opened = await readModel.open(view, generation, options);
        return generation === 1 ? opened : { ...opened, write: () => Promise.reject(REFUSED) };
      },
    };
    const views = projectedViews();
    const jobs = createJobs({ controls: readModel.controls, views, now: () => NOW });
    const job = (await jobs.rebuild('personas')) as Job;
    const { documentViews } = viewsByKind();
    const parking = createParkedSubjects({ views: documentViews, readModel, store, clock: systemClock });
    const config = { eventStoreUrl: null, mongoUrl: 'another store' } as never;
    const opened = { config, store, readModel: refusing, views, jobs, parking };
    const view = views.find(({ name }) => name === 'personas')!;
    expect(await failureOf(workHere(opened, view, job, 'rebuild'))).to.equal(REFUSED);
    expect(await jobs.get(job.id)).to.include({ state: 'running', error: REFUSED.message });
  });

  it('does not go on watching a job, as it does through an outage', async () => {
    const job = withRebuild(NO_VIEW_RECORD, VIEWS.personas, NOW)!.jobs[0]!;
    const answers = [job, new ReadModelError('no answer'), job, REFUSED];
    const get = async (): Promise<Job> => {
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer!;
    };
    expect(await failureOf(followJob({ get }, job.id, new AbortController().signal))).to.equal(REFUSED);
    expect(answers).to.deep.equal([]);
  });

  it('ends with the exit code of a wrong setting, also if it is the key store', async () => {
    const keys = await failureOf(openMongoKeyStore({ url: 'mongodb://padron@127.0.0.1:1/pa.dron_keys' }));
    for (const error of [REFUSED, keys]) expect(report(error)).to.equal(EXIT.usage);
    expect(report(new ReadModelError('no answer'))).to.equal(EXIT.failed);
  });
});
