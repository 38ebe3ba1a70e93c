import { expect } from 'chai';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_VIEW_RECORD, withRebuild } from '../../src/projections/record/viewRecord.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { RowStore } from '../../src/projections/ports/rows.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { Database, readPragma } from '../../src/platform/sqlite/sqlite.ts';
import { failureOf } from '../events/contract/steps.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { at } from './contract/examples.ts';
import { all, FACTS, positions, row } from './contract/rowExamples.ts';

const FILE = 'facts-v1-g1.db';
const MARK = `${FILE}-unsynced`;
const NOW = '2026-03-12T08:00:00.000Z';

describe('Rows that SQLite writes in bulk without waiting for the disk', () => {
  const folders: string[] = [];
  const opened: ReadModel[] = [];
  let folder: string;
  let readModel: ReadModel;
  let rows: RowStore;

  before(function () {
    // Other systems do not tell one start of the machine from another, and write as usual.
    if (!existsSync('/proc/sys/kernel/random/boot_id')) this.skip();
  });
  beforeEach(async () => {
    folder = emptyFolder();
    readModel = open(folder);
    rows = await readModel.openRows(FACTS, 1);
    await rows.fill({ rows: [row(1n, 10, ['a']), row(2n, 20, ['b'])], from: null, to: at(2n) });
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    folders.splice(0).forEach(removeFolder);
  });

  function emptyFolder(): string {
    const made = newFolder();
    folders.push(made);
    return made;
  }
  function open(inFolder: string): ReadModel {
    const made = openSqliteReadModel({ folder: inFolder });
    opened.push(made);
    return made;
  }
  /** The files as a process leaves them that is killed now. */
  function killed(): string {
    const left = emptyFolder();
    cpSync(folder, left, { recursive: true });
    return left;
  }
  const isMarked = (): boolean => existsSync(join(folder, MARK));
  function journalOf(inFolder: string): unknown {
    const db = new Database(join(inFolder, FILE), 0);
    const mode = readPragma(db, 'journal_mode');
    db.close();
    return mode;
  }

  it('are marked, and unmarked once they are sealed and followed through the write-ahead log', async () => {
    expect([isMarked(), journalOf(folder)]).to.deep.equal([true, 'delete']);
    await rows.seal();
    expect([isMarked(), journalOf(folder)]).to.deep.equal([false, 'wal']);
  });

  it('are marked again if they are continued after that, whichever connection sealed them', async () => {
    await (await open(folder).openRows(FACTS, 1)).seal();
    expect(isMarked()).to.equal(false);
    await rows.fill({ rows: [row(3n, 30)], from: at(2n), to: at(3n) });
    expect(isMarked()).to.equal(true);
  });

  it('are put on disk and unmarked when they are closed before that', async () => {
    await readModel.close();
    expect([isMarked(), journalOf(folder)]).to.deep.equal([false, 'wal']);
    const again = await open(folder).openRows(FACTS, 1);
    expect(await again.checkpoint()).to.deep.equal(at(2n));
  });

  it('are continued from their checkpoint after the process was killed', async () => {
    const again = await open(killed()).openRows(FACTS, 1);
    expect(await again.checkpoint()).to.deep.equal(at(2n));
    await again.fill({ rows: [row(3n, 30, ['b'])], from: at(2n), to: at(3n) });
    await again.seal();
    expect(positions(await again.find({ ...all, keys: ['b'], order: 'asc' }))).to.deep.equal([2n, 3n]);
  });

  it('are not used after the machine has stopped: the job fails and another builds a new generation', async () => {
    const { controls } = readModel;
    await controls.replace(FACTS, null, withRebuild(NO_VIEW_RECORD, FACTS, NOW)!);
    const left = killed();
    writeFileSync(join(left, MARK), 'another start');
    const after = open(left);
    const error = (await failureOf(after.openRows(FACTS, 1))) as Error;
    expect(error).to.include({ name: 'DamagedViewError' });
    expect(error.message).to.contain('the machine stopped while this was being written in bulk');
    const jobs = await eventually('another job begins', async () => {
      const stored = await after.controls.read(FACTS);
      return stored?.control.jobs.length === 2 && stored.control.jobs;
    });
    expect(jobs.map(({ state, generation }) => ({ state, generation }))).to.deep.equal([
      { state: 'running', generation: 2 },
      { state: 'failed', generation: 1 },
    ]);
  });

  it('are not used either if the mark itself did not reach the disk whole', async () => {
    const left = killed();
    writeFileSync(join(left, MARK), readFileSync(join(left, MARK), 'utf8').slice(0, 9));
    expect(await failureOf(open(left).openRows(FACTS, 1))).to.include({ name: 'DamagedViewError' });
  });

  it('are read and erased by another connection, which leaves the journal as it is', async () => {
    const elsewhere = await open(folder).openRows(FACTS, 1);
    expect(await elsewhere.checkpoint()).to.deep.equal(at(2n));
    await elsewhere.erase([{ ...row(1n, 10), json: '{}' }], () => ['a']);
    expect(journalOf(folder)).to.equal('delete');
    await rows.fill({ rows: [row(3n, 30, ['a'])], from: at(2n), to: at(3n) });
    await rows.seal();
    expect(positions(await rows.find({ ...all, keys: ['a'] }))).to.deep.equal([3n]);
  });

  it('are written as usual while another connection uses the write-ahead log', async () => {
    const second = await readModel.openRows(FACTS, 2);
    const elsewhere = await open(folder).openRows(FACTS, 2);
    await elsewhere.checkpoint();
    expect(await second.fill({ rows: [row(1n, 10)], from: null, to: at(1n) })).to.equal('written');
    await second.seal();
    expect(await elsewhere.checkpoint()).to.deep.equal(at(1n));
    expect(existsSync(join(folder, 'facts-v1-g2.db-unsynced'))).to.equal(false);
  });

  it('leave nothing behind when they are dropped, also by a process that never opened them', async () => {
    const left = killed();
    await open(left).drop(FACTS, 1);
    await readModel.drop(FACTS, 1);
    const files = [...readdirSync(folder), ...readdirSync(left)];
    expect(files.filter((name) => name.startsWith('facts-v1-g1'))).to.deep.equal([]);
  });
});
