import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { systemClock } from '../../src/platform/clock.ts';
import { EventStoreError, EventStoreRefusedError } from '../../src/events/eventErrors.ts';
import { lastEventOf } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import type { PersonaRecord } from '../../src/events/types.ts';
import { NO_VIEW_RECORD, withJob, type Job } from '../../src/projections/record/viewRecord.ts';
import { createJobs, VERIFICATIONS, type Jobs } from '../../src/projections/rebuild/jobs.ts';
import { personas } from '../../src/projections/views/personas.ts';
import { keepVerifying, type VerifyWorker } from '../../src/verify/job/keepVerifying.ts';
import { deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { aPersona } from '../support/people.ts';
import { MAX_MS, openVerified, type Verified } from './support/verified.ts';

const NOW = '2026-03-01T10:00:00.000Z';

describe('A verification job', function () {
  this.timeout(MAX_MS);
  let verified: Verified;
  let ana: PersonaRecord;
  let jobs: Jobs;
  let workers: VerifyWorker[];
  /** How often a worker has rested. */
  let looks = 0;
  /** What every read of a person's stream waits for, or fails with. */
  let reading: () => Promise<void>;
  beforeEach(async () => {
    reading = async () => undefined;
    verified = await openVerified({
      aroundStore: (store) => ({
        ...store,
        async readStream(stream, options) {
          if (stream.startsWith('persona-')) await reading();
          return store.readStream(stream, options);
        },
      }),
    });
    ana = await aPersona(verified);
    await verified.level();
    const { controls } = verified.readModel;
    jobs = createJobs({ controls, views: [], now: () => NOW });
    workers = [];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await verified.close();
  });

  function startWorker(): VerifyWorker {
    const { store, readModel, commands, views } = verified;
    const worker = keepVerifying({
      store,
      readModel,
      reservations: commands.reservations,
      clock: {
        ...systemClock,
        wait: (ms) => {
          looks += 1;
          return systemClock.wait(ms);
        },
      },
      documentViews: [views.personas, views.users],
      rowViews: [views.history],
      onJob: () => undefined,
      onError: () => undefined,
    });
    workers.push(worker);
    return worker;
  }
  async function begin(): Promise<string> {
    const job = await jobs.verify();
    if (typeof job === 'string') throw new Error(job);
    return job.id;
  }
  const reaches = (id: string, what: string, is: (job: Job) => boolean): Promise<Job> =>
    eventually(what, async () => {
      const job = await jobs.get(id);
      return job && is(job) ? job : null;
    });
  /** Holds the reads of persons' streams; `reached` settles when one is held. */
  function hold(): { reached: Promise<void>; release(): void } {
    const reached = deferred();
    const go = deferred();
    reading = async () => {
      reached.resolve();
      await go.promise;
    };
    return { reached: reached.promise, release: go.resolve };
  }

  it('ends with its findings, without values', async () => {
    await verified.tamper(personas, ana.id, (document) => ({
      ...document,
      body: { ...ana, nombres: 'Eva' },
    }));
    startWorker();
    const job = await reaches(await begin(), 'done', ({ state }) => state !== 'running');
    const subject = `persona-${ana.id}`;
    expect(job).to.deep.include({
      kind: 'verify',
      projection: null,
      state: 'done',
      share: 1,
      processed: 2,
      error: null,
      differences: [{ projection: 'personas', subject, member: 'nombres', problem: 'different' }],
      differenceCount: 1,
    });
  });

  it('is run by one worker at a time, and can be run again', async () => {
    startWorker();
    startWorker();
    for (let times = 0; times < 2; times += 1) {
      const job = await reaches(await begin(), 'done', ({ state }) => state !== 'running');
      expect(job).to.deep.include({ state: 'done', differences: [], differenceCount: 0 });
    }
  });

  it('stops while it is paused, and continues from there', async () => {
    const { reached, release } = hold();
    startWorker();
    const id = await begin();
    await reached;
    await jobs.pause(id);
    release();
    const before = looks;
    await eventually('a few looks', () => looks > before + 3);
    expect((await jobs.get(id))?.state).to.equal('paused');
    await jobs.resume(id);
    expect(await reaches(id, 'the end', ({ state }) => state !== 'running')).to.include({ state: 'done' });
  });

  it('ends when it is cancelled, and the next one can begin', async () => {
    const { reached, release } = hold();
    startWorker();
    const id = await begin();
    await reached;
    await jobs.cancel(id);
    release();
    const next = await begin();
    await reaches(next, 'done', ({ state }) => state === 'done');
    expect(await jobs.get(id)).to.include({ state: 'cancelled' });
  });

  it('is restarted by the next process after one stopped; earlier reads count', async () => {
    const { controls } = verified.readModel;
    const begun = withJob(NO_VIEW_RECORD, VERIFICATIONS, { kind: 'verify' }, NOW)!;
    const [left] = begun.jobs;
    await controls.replace(VERIFICATIONS, null, {
      ...begun,
      jobs: [{ ...left!, processed: 500, share: 0.7 }],
    });
    startWorker();
    const job = await reaches(left!.id, 'the end', ({ state }) => state !== 'running');
    expect(job).to.include({ state: 'done', processed: 502, differenceCount: 0 });
  });

  it('is left running by a worker that stops, for another worker', async () => {
    const { reached, release } = hold();
    const first = startWorker();
    const id = await begin();
    await reached;
    const stopped = first.stop();
    release();
    await stopped;
    expect(await jobs.get(id)).to.include({ state: 'running' });
    startWorker();
    expect(await reaches(id, 'the end', ({ state }) => state !== 'running')).to.include({ state: 'done' });
  });

  for (const [what, failure] of [
    ['does not answer', new EventStoreError('the event log could not be read', { outcomeUnknown: false })],
    ['refuses', new EventStoreRefusedError('the account may not read', { outcomeUnknown: false })],
  ] as const) {
    it(`waits for a store that ${what}, with the reason, until it answers or the job is cancelled`, async () => {
      let failures = 0;
      let isDown = true;
      reading = async () => {
        if (!isDown) return;
        failures += 1;
        throw failure;
      };
      startWorker();
      const cancelled = await begin();
      await reaches(cancelled, 'the reason', ({ error }) => error === failure.message);
      expect(await jobs.cancel(cancelled)).to.include({ state: 'cancelled' });
      const id = await begin();
      await reaches(id, 'the reason', ({ error }) => error === failure.message);
      const before = failures;
      await eventually('another try', () => failures > before);
      isDown = false;
      expect(await reaches(id, 'the end', ({ state }) => state !== 'running')).to.include({
        state: 'done',
        error: null,
      });
    });
  }

  it('waits for a view that is behind, and names it', async () => {
    await aPersona(verified);
    startWorker();
    const id = await begin();
    await reaches(id, 'the reason', ({ error }) => error?.includes('the view personas') ?? false);
    await verified.level();
    expect(await reaches(id, 'the end', ({ state }) => state !== 'running')).to.include({
      state: 'done',
      error: null,
    });
  });

  it('fails with a clear request to upgrade if only a newer padron can verify', async () => {
    const stream = `persona-${ana.id}`;
    const event = newEvent(randomUUID(), { type: 'PersonaRegistered', data: ana }, systemOrigin('test'), NOW);
    const expected = (await lastEventOf(verified.store, stream))!.revision;
    await verified.store.append([{ stream, expected, events: [{ ...event, type: 'PersonaTeleported' }] }]);
    startWorker();
    const job = await reaches(await begin(), 'the end', ({ state }) => state !== 'running');
    expect(job.state).to.equal('failed');
    expect(job.error).to.contain('upgrade this instance');
  });
});
