import { expect } from 'chai';
import { EventStoreError, EventStoreRefusedError } from '../../src/events/eventErrors.ts';
import { runImportJob, type ImportJob } from '../../src/imports/jobs/importJob.ts';
import type { ImportProgress, ImportTask, RunImport } from '../../src/imports/jobs/runImport.ts';
import type { Uploads } from '../../src/imports/jobs/uploads.ts';
import { ListError } from '../../src/imports/list/listError.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { aborted } from '../../src/platform/aborted.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Leases } from '../../src/platform/lease.ts';
import type { RefusedLine } from '../../src/projections/record/listImport.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { createJobs, type Jobs } from '../../src/projections/rebuild/jobs.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { memoryReadModel, memoryViews } from '../support/memoryReadModel.ts';

const NO_REPORT: Omit<ImportProgress, 'counts' | 'share'> = {
  refused: [],
  changes: [],
  list: 'users',
  encoding: null,
};

const leases: Leases = { expiryMs: 0, acquire: async () => null, close: async () => undefined };

describe('A run of an import job', () => {
  let controls: ReturnType<typeof memoryReadModel>['controls'];
  let jobs: Jobs;
  let job: ImportJob;
  let time: ManualClock;
  let steps: string[];
  let progress: [before: number, after: number][];

  beforeEach(async () => {
    ({ controls } = memoryReadModel(memoryViews(), { leases }));
    jobs = createJobs({ controls, views: [], now: () => systemClock.now() });
    const about = { list: null, isUpdate: false, correlation: 'c', account: 'ana' } as const;
    job = (await jobs.import({
      upload: 'u',
      ...about,
      counts: { ...noCounts(), lines: 5, imported: 5 },
      refused: [],
    })) as ImportJob;
    time = manualClock();
    [steps, progress] = [[], []];
  });

  /** Runs it with this `run`, and returns the job afterwards. */
  async function run(work: RunImport, stop = new AbortController().signal): Promise<ImportJob> {
    await runImportJob(
      {
        controls,
        leases,
        uploads: { orderOf: async () => ({}), fileOf: () => 'file' } as unknown as Uploads,
        run: work,
        clock: { ...systemClock, now: () => '2026-01-02T03:04:05.000Z' },
        timer: time,
        onEnd: () => undefined,
        onProgress: (before, after) => progress.push([before.lines, after.lines]),
        onError: () => undefined,
      },
      job,
      {
        stop,
        backoff: {
          pause: async () => void steps.push('pause'),
          reset: () => steps.push('reset'),
        },
      },
    );
    return (await jobs.get(job.id)) as ImportJob;
  }
  const after = (lines: number, refused: RefusedLine[] = []): ImportProgress => ({
    ...NO_REPORT,
    counts: { ...noCounts(), lines, imported: lines - refused.length, failed: refused.length },
    refused,
    share: 0.5,
  });
  const failing =
    (error: Error): RunImport =>
    async (_, onProgress) => {
      onProgress(after(8));
      throw error;
    };

  it('continues after the lines that are counted, and ends as done', async () => {
    const tasks: ImportTask[] = [];
    const done = await run(async (task, onProgress) => {
      tasks.push(task);
      onProgress(after(8));
      onProgress(after(9));
      return true;
    });
    expect(tasks[0]).to.include({ file: 'file', from: job.import.counts, isDryRun: false });
    expect(done).to.include({ state: 'done', share: 1, error: null, processed: 9 });
    expect(done.import).to.deep.include({ list: 'users', failure: null, counts: after(9).counts });
    expect(progress).to.deep.equal([
      [5, 8],
      [8, 9],
    ]);
    expect(steps).to.deep.equal(['reset']);
  });

  for (const [what, error] of [
    ['is out of reach', new EventStoreError('no answer', { outcomeUnknown: false })],
    ['refuses', new EventStoreRefusedError('no right', { outcomeUnknown: false })],
  ] as const) {
    it(`waits with its progress and the reason while a store ${what}`, async () => {
      const left = await run(failing(error));
      expect(left).to.include({ state: 'running', error: error.message, eventsPerSecond: 0 });
      expect(left.import.counts.lines).to.equal(8);
      expect(steps).to.deep.equal(['pause']);
    });
  }

  for (const [what, error, text, failure] of [
    ['of a fault', new TypeError('Ana'), 'TypeError', null],
    ['of the list', new ListError('empty'), /empty/, { code: 'empty' }],
  ] as const) {
    it(`fails with the reason, and does not try again, because ${what}`, async () => {
      const failed = await run(failing(error));
      expect(failed).to.include({ state: 'failed', endedAt: '2026-01-02T03:04:05.000Z' });
      expect(failed.error).to.match(new RegExp(text));
      expect(failed.import.failure).to.deep.equal(failure);
      expect(failed.import.counts.lines).to.equal(8);
      expect(steps).to.deep.equal([]);
    });
  }

  it('keeps the first thousand refused lines, and counts all', async () => {
    const lines = Array.from({ length: 700 }, (_, line) => ({ line, reasons: [] }));
    const done = await run(async (_, onProgress) => {
      onProgress(after(705, lines));
      onProgress({ ...after(1_405, lines), counts: { ...noCounts(), lines: 1_405, failed: 1_400 } });
      return true;
    });
    expect(done.import.refused).to.have.length(1_000);
    expect(done.import.refused.at(-1)?.line).to.equal(299);
    expect(done.import.counts.failed).to.equal(1_400);
  });

  for (const [change, state] of [
    ['pause', 'paused'],
    ['cancel', 'cancelled'],
  ] as const) {
    it(`stops at the next save after a ${change}, and keeps what it has done meanwhile`, async () => {
      const left = run(async (_, onProgress, signal) => {
        await time.sleeping(1);
        await jobs[change](job.id);
        time.advance(250);
        await aborted(signal);
        onProgress(after(8));
        return false;
      });
      const stopped = await left;
      expect(stopped).to.include({ state, error: null });
      expect(stopped.import.counts.lines).to.equal(8);
      expect(steps).to.deep.equal([]);
    });
  }

  it('saves its progress four times a second', async () => {
    const saved: (Job | null)[] = [];
    const done = await run(async (_, onProgress) => {
      onProgress(after(8));
      await time.sleeping(1);
      time.advance(249);
      for (let tick = 0; tick < 20; tick += 1) await new Promise(setImmediate);
      saved.push(await jobs.get(job.id));
      time.advance(1);
      await time.sleeping(1);
      saved.push(await jobs.get(job.id));
      return true;
    });
    expect(done.state).to.equal('done');
    expect(saved.map((one) => one?.import?.counts.lines)).to.deep.equal([5, 8]);
    expect(saved[1]).to.include({ processed: 8, share: 0.5 });
  });
});
