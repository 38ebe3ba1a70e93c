import { expect } from 'chai';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { deferred, type Deferred } from '../support/deferred.ts';
import { eventually } from '../support/eventually.ts';
import { failingStore, type Trouble } from '../support/failingStore.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { gated } from '../support/gatedStore.ts';
import { asNdjson, memberList } from '../support/memberList.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { makeUnreadable } from '../support/unreadableFile.ts';
import { tokenOf } from '../support/tokens.ts';

interface ImportJob {
  id: string;
  state: string;
  processed: number;
  share: number;
  error: string | null;
  import: { counts: { lines: number; imported: number; unchanged: number; refused: number } };
}

const token = tokenOf('admin');
const UPLOAD_LOST = 'the uploaded list cannot be read any more: upload it again; what was stored is skipped';
/** Lines of a batch: after each one a job may stop. */
const BATCH = 250;
const LINES = 600;
/** A machine that has much else to do stores a batch in some seconds. */
const PATIENCE_MS = 60_000;

/** Looks at the record of imports, numbered by their beginning; `halted`: the last before it said that the job does not run. */
interface Looks {
  begun: number;
  ended: number;
  halted: number;
}

const watched = (readModel: ReadModel, looks: Looks): ReadModel => ({
  ...readModel,
  controls: {
    ...readModel.controls,
    async read(view) {
      if (view.name !== 'import') return readModel.controls.read(view);
      const look = (looks.begun += 1);
      const found = await readModel.controls.read(view);
      looks.ended = look;
      return found;
    },
    async replace(view, from, to, standing) {
      const isDone = await readModel.controls.replace(view, from, to, standing);
      if (isDone && view.name === 'import' && to.jobs[0]?.state !== 'running') looks.halted = looks.begun;
      return isDone;
    },
  },
});

describe('The job of an import', function () {
  this.timeout(2 * PATIENCE_MS);

  let folder: string;
  let service: TestService;
  let gate: Deferred;
  const looks: Looks = { begun: 0, ended: 0, halted: 0 };

  beforeEach(() => {
    folder = newFolder();
    gate = deferred();
  });
  afterEach(async () => {
    gate.resolve();
    await service.stop();
    removeFolder(folder);
  });

  const send = (method: string, path: string): ReturnType<TestService['send']> =>
    service.send(method, path, { token });
  const list = asNdjson(memberList(LINES));
  const post = (): ReturnType<TestService['send']> =>
    service.send('POST', '/imports', {
      token,
      body: list,
      headers: { 'content-type': 'application/x-ndjson' },
    });
  const jobOf = async (id: string): Promise<ImportJob> =>
    (await send('GET', `/imports/${id}`)).body as ImportJob;
  const until = (what: string, id: string, is: (job: ImportJob) => boolean): Promise<ImportJob> =>
    eventually(
      what,
      async () => {
        const job = await jobOf(id);
        return is(job) ? job : null;
      },
      PATIENCE_MS,
    );
  const registered = async (): Promise<string[]> =>
    (await service.events()).filter(({ type }) => type === 'UserRegistered').map(({ stream }) => stream);

  /** Waits until the run of the import has seen that its job does not run any more. */
  async function noticed(): Promise<void> {
    await eventually('the run has noticed', () => looks.ended > looks.halted, PATIENCE_MS);
  }

  /** An import that has stored its first batch and waits in the second. */
  async function inTheMiddle(): Promise<string> {
    service = await startTestService({
      dataDir: folder,
      aroundStore: gated(gate, BATCH),
      aroundReadModel: (readModel) => watched(readModel, looks),
    });
    const { id } = (await post()).body as ImportJob;
    await until('the first batch is stored', id, ({ processed }) => processed === BATCH);
    return id;
  }

  it('is cancelled after the batch in hand: what is stored stays, and its counts say so', async () => {
    const id = await inTheMiddle();
    const { status, body } = await send('DELETE', `/imports/${id}`);
    expect([status, (body as ImportJob).state]).to.deep.equal([200, 'cancelled']);
    await noticed();
    gate.resolve();
    const job = await until('its counts are whole', id, ({ processed }) => processed === 2 * BATCH);
    expect(job).to.deep.include({ state: 'cancelled', error: null });
    expect(job.import.counts.imported).to.equal(2 * BATCH);
    expect(await registered()).to.have.length(2 * BATCH);
    await eventually('the list is removed', () => readdirSync(join(folder, 'imports')).length === 0);
    expect((await send('DELETE', `/imports/${id}`)).status).to.equal(409);
  });

  it('stops while it is paused, and continues with the next line when it is resumed', async () => {
    const id = await inTheMiddle();
    expect((await send('POST', `/imports/${id}/pause`)).status).to.equal(200);
    await noticed();
    gate.resolve();
    const paused = await until('its batch is stored', id, ({ processed }) => processed === 2 * BATCH);
    expect(paused.state).to.equal('paused');
    expect((await send('POST', `/imports/${id}/resume`)).status).to.equal(200);
    const job = await until('it ends', id, ({ state }) => state === 'done');
    expect(job.import.counts).to.deep.include({ lines: LINES, imported: LINES, unchanged: 0, refused: 0 });
    const streams = await registered();
    expect(new Set(streams).size).to.equal(LINES);
    expect(streams).to.have.length(LINES);
  });

  it('is the only one at a time: another one is refused before and after its list was read (409)', async () => {
    const id = await inTheMiddle();
    const other = await post();
    expect([other.status, other.headers['problem-code']]).to.deep.equal([409, 'busy']);
    expect((other.body as { detail: string }).detail).to.equal(`${id} is running`);
    gate.resolve();
    await until('it ends', id, ({ state }) => state === 'done');
    const both = await Promise.all([post(), post()]);
    expect(both.map(({ status }) => status).sort()).to.deep.equal([202, 409]);
    const begun = both.find(({ status }) => status === 202)?.body as ImportJob;
    const again = await until('the next one ends', begun.id, ({ state }) => state === 'done');
    expect(again.import.counts).to.deep.include({ imported: 0, unchanged: LINES });
  });

  it('continues in the next process when its own is stopped', async () => {
    const id = await inTheMiddle();
    const stopping = service.stop();
    gate.resolve();
    await stopping;
    service = await startTestService({ dataDir: folder });
    const job = await until('it ends', id, ({ state }) => state === 'done');
    expect(job.import.counts).to.deep.include({ lines: LINES, imported: LINES, unchanged: 0 });
    expect(await registered()).to.have.length(LINES);
  });

  it('waits for an event store that does not answer, reports that, and stores each line once', async () => {
    const trouble: Trouble = { appends: 'outcome unknown', reads: 'work' };
    service = await startTestService({
      dataDir: folder,
      aroundStore: (store) => failingStore(store, trouble),
    });
    const { id } = (await post()).body as ImportJob;
    const waiting = await until('it reports the outage', id, ({ error }) => error !== null);
    expect(waiting.state).to.equal('running');
    trouble.appends = 'work';
    const job = await until('it ends', id, ({ state }) => state === 'done');
    expect(job.error).to.equal(null);
    expect(job.import.counts).to.deep.include({ lines: LINES, refused: 0 });
    expect(job.import.counts.imported + job.import.counts.unchanged).to.equal(LINES);
    expect(await registered()).to.have.length(LINES);
  });

  for (const file of ['list', 'order.json']) {
    it(`reports that the disk cannot read its ${file}, and continues once it can`, async () => {
      const id = await inTheMiddle();
      await send('POST', `/imports/${id}/pause`);
      await noticed();
      gate.resolve();
      await until('it rests', id, ({ processed }) => processed === 2 * BATCH);
      const [upload = ''] = readdirSync(join(folder, 'imports'));
      const giveBack = makeUnreadable(join(folder, 'imports', upload, file));
      await send('POST', `/imports/${id}/resume`);
      const waiting = await until('it reports the disk', id, ({ error }) => error !== null);
      const error = 'the uploaded list cannot be read at the moment (ELOOP)';
      expect(waiting).to.deep.include({ state: 'running', error });
      giveBack();
      const job = await until('it ends', id, ({ state }) => state !== 'running');
      expect(job).to.deep.include({ state: 'done', error: null });
      expect(await registered()).to.have.length(LINES);
    });
  }

  it('fails when its list has gone from the disk', async () => {
    const id = await inTheMiddle();
    await send('POST', `/imports/${id}/pause`);
    await noticed();
    gate.resolve();
    await until('it rests', id, ({ processed }) => processed === 2 * BATCH);
    removeFolder(join(folder, 'imports'));
    await send('POST', `/imports/${id}/resume`);
    const job = await until('it ends', id, ({ state }) => state !== 'running');
    expect(job).to.deep.include({ state: 'failed', error: UPLOAD_LOST });
    expect(job.import).to.have.nested.property('failure.code', 'upload-lost');
    expect(job.import.counts.imported).to.equal(2 * BATCH);
  });

  it('stays where it is while no instance has its list, and can be cancelled', async () => {
    const id = await inTheMiddle();
    const stopping = service.stop();
    gate.resolve();
    await stopping;
    removeFolder(join(folder, 'imports'));
    service = await startTestService({ dataDir: folder });
    expect((await jobOf(id)).state).to.equal('running');
    expect((await post()).status).to.equal(409);
    expect((await send('DELETE', `/imports/${id}`)).status).to.equal(200);
    const next = (await post()).body as ImportJob;
    const job = await until('the next one ends', next.id, ({ state }) => state === 'done');
    expect(job.import.counts.lines).to.equal(LINES);
  });
});
