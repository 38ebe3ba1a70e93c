import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunImport } from '../../src/imports/jobs/runImport.ts';
import { createUploads, type Uploads } from '../../src/imports/jobs/uploads.ts';
import { ABSENCE_POLL_MS, MAX_ABSENCE_MS, watchAbsence } from '../../src/imports/jobs/watchAbsence.ts';
import { workOnImports, type ImportWorker } from '../../src/imports/jobs/workOnImports.ts';
import { noCounts } from '../../src/imports/run/importCounts.ts';
import { monotonicClock, systemClock } from '../../src/platform/clock.ts';
import type { Leases } from '../../src/platform/lease.ts';
import type { Job } from '../../src/projections/record/viewRecord.ts';
import { createJobs, type Jobs } from '../../src/projections/rebuild/jobs.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { manualClock, type ManualClock } from '../support/manualClock.ts';
import { memoryReadModel, memoryViews } from '../support/memoryReadModel.ts';

/** The lease of imports among instances: `isHeld` while one of them has it. */
interface OneLease {
  leases: Leases;
  isHeld: boolean;
  /** Called each time an instance takes it. */
  onTaken(): Promise<unknown>;
}

function oneLease(): OneLease {
  const state: OneLease = {
    isHeld: false,
    onTaken: async () => undefined,
    leases: {
      expiryMs: 0,
      async acquire() {
        if (state.isHeld) return null;
        state.isHeld = true;
        await state.onTaken();
        return {
          fence: 1,
          lost: new AbortController().signal,
          release: async () => void (state.isHeld = false),
        };
      },
      close: async () => undefined,
    },
  };
  return state;
}

describe('An import on several instances', () => {
  let folder: string;
  let lease: ReturnType<typeof oneLease>;
  let jobs: Jobs;
  let controls: ReturnType<typeof memoryReadModel>['controls'];
  let ended: Job[];

  beforeEach(() => {
    folder = newFolder();
    lease = oneLease();
    ({ controls } = memoryReadModel(memoryViews(), lease));
    jobs = createJobs({ controls, views: [], now: () => systemClock.now() });
    ended = [];
  });
  afterEach(() => {
    removeFolder(folder);
  });

  /** Begins a job whose list is an upload of `uploads`. */
  async function begin(uploads: Uploads): Promise<string> {
    async function* bytes(): AsyncGenerator<Buffer> {
      yield Buffer.from('dni\n1\n');
    }
    const upload = await uploads.receive(bytes(), 100);
    if (upload === null) throw new Error('too long');
    await uploads.saveOrder(upload, {} as Parameters<Uploads['saveOrder']>[1]);
    const about = { list: null, isUpdate: false, correlation: 'c', account: 'ana' };
    const job = await jobs.import({ upload, ...about, counts: noCounts(), refused: [] });
    if (typeof job === 'string') throw new Error(job);
    return job.id;
  }
  const uploadsOf = (instance: string): Uploads => createUploads(join(folder, instance));
  const jobOf = async (id: string): Promise<Job> => (await jobs.get(id)) as Job;

  describe('whose list another instance has', () => {
    let clock: ManualClock;
    let watch: ReturnType<typeof watchAbsence>;
    let id: string;
    let mine: Uploads;

    beforeEach(async () => {
      clock = manualClock();
      mine = uploadsOf('mine');
      id = await begin(uploadsOf('other'));
    });
    afterEach(() => watch.stop());

    function start(uploads: Uploads): void {
      watch = watchAbsence({
        controls,
        leases: lease.leases,
        uploads,
        clock: systemClock,
        timer: clock,
        onEnd: (job) => ended.push(job),
      });
    }
    /** Lets the watch look once more. */
    async function look(): Promise<void> {
      await clock.sleeping(1);
      clock.advance(ABSENCE_POLL_MS);
      await clock.sleeping(1);
    }

    it('says that its instance does not answer and what to do, and stays unfinished', async () => {
      start(mine);
      await look();
      const job = await jobOf(id);
      expect(job).to.include({ state: 'running' });
      expect(job.error).to.match(/restart it, or cancel this import/);
      expect(job.import?.failure).to.deep.equal({ code: 'upload-elsewhere' });
      expect(lease.isHeld).to.equal(false);
      await jobs.cancel(id);
      await look();
      expect((await jobOf(id)).state).to.equal('cancelled');
    });

    it('fails when its instance does not come back, so that another import can begin', async () => {
      start(mine);
      for (let ms = 0; ms <= MAX_ABSENCE_MS + ABSENCE_POLL_MS; ms += ABSENCE_POLL_MS) await look();
      const job = await jobOf(id);
      expect(job.state).to.equal('failed');
      expect(job.import?.failure).to.deep.equal({ code: 'upload-abandoned' });
      expect(ended.map((one) => one.id)).to.deep.equal([id]);
      await begin(mine);
    });

    it('is left alone while its instance works on it, or holds its lease', async () => {
      lease.isHeld = true;
      start(mine);
      await look();
      await look();
      expect(await jobOf(id)).to.include({ state: 'running', error: null });
    });

    it('is not taken for abandoned when its instance came back in between', async () => {
      start(mine);
      await look();
      lease.isHeld = true;
      await look();
      lease.isHeld = false;
      for (let ms = 0; ms < MAX_ABSENCE_MS - ABSENCE_POLL_MS; ms += ABSENCE_POLL_MS) await look();
      expect((await jobOf(id)).state).to.equal('running');
    });

    it('is not taken for abandoned when its instance worked on it in between', async () => {
      start(mine);
      await look();
      for (let ms = 0; ms <= MAX_ABSENCE_MS; ms += ABSENCE_POLL_MS) {
        await jobs.pause(id);
        await jobs.resume(id);
        await look();
      }
      await look();
      expect((await jobOf(id)).state).to.equal('running');
    });

    it('is left alone, like the next import, if it ends during the check', async () => {
      start(mine);
      let next = '';
      lease.onTaken = async () => {
        lease.onTaken = async () => undefined;
        await jobs.cancel(id);
        next = await begin(uploadsOf('other'));
      };
      await look();
      expect(await jobOf(id)).to.include({ state: 'cancelled', error: null });
      expect(await jobOf(next)).to.include({ state: 'running', error: null });
    });

    it('is the business of the instance that has the list alone', async () => {
      start(uploadsOf('other'));
      await look();
      await look();
      expect(await jobOf(id)).to.include({ state: 'running', error: null });
    });
  });

  it('is worked on by the one that has its list, and cancelled through another', async () => {
    const begun: string[] = [];
    const worker = (instance: string): ImportWorker => {
      const run: RunImport = async (_task, _onProgress, signal) => {
        begun.push(instance);
        await eventually('it is cancelled', () => signal.aborted);
        return false;
      };
      const work = { controls, leases: lease.leases, clock: systemClock, timer: monotonicClock, run };
      const silent = { onProgress: () => undefined, onError: () => undefined };
      return workOnImports({
        ...work,
        ...silent,
        uploads: uploadsOf(instance),
        onEnd: (job) => ended.push(job),
      });
    };
    const id = await begin(uploadsOf('other'));
    const workers = [worker('mine'), worker('other')];
    await eventually('one of them runs it', () => begun.length > 0);
    await jobs.cancel(id);
    await eventually('the list is removed', () => readdirSync(join(folder, 'other')).length === 0);
    await Promise.all(workers.map((one) => one.stop()));
    expect(begun).to.deep.equal(['other']);
    expect(ended.map(({ state }) => state)).to.deep.equal(['cancelled']);
  });
});
