import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { DamagedViewError } from '../../src/projections/record/readModelError.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { NO_VIEW_RECORD } from '../../src/projections/record/viewRecord.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { openFiles } from '../support/openFiles.ts';
import { readModelInFolder } from '../support/readModels.ts';
import { at, PEOPLE, person, type ReadModelUnderTest } from './contract/examples.ts';

/** Files that this process holds open although they are gone; null where the system does not tell. */
const openThoughGone = (): string[] | null =>
  openFiles()?.filter((name) => name.includes('people-v1') && name.endsWith('(deleted)')) ?? null;

describe('A generation that another thread has dropped (SQLite)', () => {
  let storage: ReadModelUnderTest;

  let own: { folder: string; readModel: ReadModel } | null = null;

  function ownReadModel(): { folder: string; readModel: ReadModel } {
    const folder = newFolder();
    return (own = { folder, readModel: openSqliteReadModel({ folder }) });
  }

  beforeEach(async () => {
    storage = await readModelInFolder();
  });
  afterEach(async () => {
    await storage.close();
    await own?.readModel.close();
    if (own) removeFolder(own.folder);
    own = null;
  });

  async function show({ controls }: ReadModel, live: number): Promise<void> {
    const stored = await controls.read(PEOPLE);
    expect(await controls.replace(PEOPLE, stored, { ...NO_VIEW_RECORD, live, newest: live })).to.equal(true);
  }

  it('is closed by its readers and no longer uses disk space', async function () {
    if (openThoughGone() === null) this.skip();
    const reader = storage.readModel;
    const keeper = await storage.another();
    for (const generation of [1, 2]) {
      const view = await keeper.open(PEOPLE, generation);
      await view.write({ documents: [person(1, generation)], from: null, to: at(1n) });
    }
    const revision = async (): Promise<number | undefined> =>
      (await reader.shown(PEOPLE).load([1]))[0]?.revision;
    await show(keeper, 1);
    expect(await revision()).to.equal(1);
    await show(keeper, 2);
    expect(await revision()).to.equal(2);

    await keeper.drop(PEOPLE, 1);
    expect(openThoughGone()).to.have.length.above(0);
    expect(await revision()).to.equal(2);
    expect(openThoughGone()).to.deep.equal([]);
  });

  it('is listed while side files are left of it, and dropped with them', async () => {
    const { folder, readModel } = ownReadModel();
    for (const ending of ['-journal', '-wal', '-shm', '-unsynced']) {
      await readModel.open(PEOPLE, 3);
      await readModel.drop(PEOPLE, 3);
      writeFileSync(join(folder, `people-v1-g3.db${ending}`), 'left by kill -9');
      expect(await readModel.generations(PEOPLE), ending).to.deep.equal([3]);
      await readModel.drop(PEOPLE, 3);
      expect(readdirSync(folder).filter((name) => name.startsWith('people'))).to.deep.equal([]);
    }
  });

  it('that is current but has lost its file is not shown empty: it is rebuilt', async () => {
    const { folder, readModel } = ownReadModel();
    await show(readModel, 1);
    const answer = await readModel
      .shown(PEOPLE)
      .load([1])
      .catch((error: unknown) => error);
    expect(answer).to.be.instanceOf(DamagedViewError);
    expect(readdirSync(folder)).not.to.include('people-v1-g1.db');
    await eventually('its record begins another', async () => {
      const record = (await readModel.controls.read(PEOPLE))?.control;
      return record?.live === null && record.newest === 2;
    });
  });

  it('does not fail a search that began while it was current: the next one answers', async () => {
    const { readModel } = storage;
    for (const generation of [1, 2]) {
      const view = await readModel.open(PEOPLE, generation);
      await view.write({ documents: [person(1, generation)], from: null, to: at(1n) });
    }
    await show(readModel, 1);
    const found = readModel.shown(PEOPLE).page({ after: 0, limit: 10, words: ['person'] });
    await show(readModel, 2);
    await readModel.drop(PEOPLE, 1);
    expect((await found).documents).to.deep.equal([person(1, 2)]);
  });
});
