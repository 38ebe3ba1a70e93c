import { expect } from 'chai';
import { copyFileSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_VIEW_RECORD } from '../../src/projections/record/viewRecord.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { RowStore } from '../../src/projections/ports/rows.ts';
import { guardFor } from '../../src/projections/stores/sqlite/generation/guarded.ts';
import { openSqliteLeases } from '../../src/platform/sqlite/leases.ts';
import { openSqliteReadModel } from '../../src/projections/stores/sqlite/sqliteReadModel.ts';
import { Database, openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { failureOf } from '../events/contract/steps.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { openFiles } from '../support/openFiles.ts';
import { makeUnreadable } from '../support/unreadableFile.ts';
import { at, PEOPLE, person } from './contract/examples.ts';
import { all, FACTS, positions, row } from './contract/rowExamples.ts';

const GARBAGE = 'not a database at all'.repeat(1_000);

describe('Damaged or locked files of the embedded read model', () => {
  let folder: string;
  let readModel: ReadModel;

  const show = async (view: typeof PEOPLE, live: number): Promise<void> => {
    const { controls } = readModel;
    await controls.replace(view, await controls.read(view), { ...NO_VIEW_RECORD, live, newest: live });
  };

  beforeEach(async () => {
    folder = newFolder();
    readModel = openSqliteReadModel({ folder });
    const people = await readModel.open(PEOPLE, 1);
    await people.write({ documents: [person(1, 0)], from: null, to: at(1n) });
    const facts = await readModel.openRows(FACTS, 1);
    await facts.write({ rows: [row(1n, 10)], from: null, to: at(1n) });
    await show(PEOPLE, 1);
    await show(FACTS, 1);
  });
  afterEach(async () => {
    await readModel.close();
    removeFolder(folder);
  });

  async function damage(file: string): Promise<void> {
    await readModel.close();
    writeFileSync(join(folder, file), GARBAGE);
    readModel = openSqliteReadModel({ folder });
  }

  it('of a view: the error names the file, the view is set aside and rebuilt, and the others are read as before', async () => {
    await damage('people-v1-g1.db');
    const error = (await failureOf(readModel.shown(PEOPLE).load([1]))) as Error;
    expect(error).to.include({ name: 'DamagedViewError' });
    expect(error.message).to.contain('people-v1-g1.db: file is not a database (SQLITE_NOTADB)');
    const control = await eventually('the view is put aside', async () => {
      const stored = await readModel.controls.read(PEOPLE);
      return stored?.control.live === null && stored.control;
    });
    expect(control.jobs[0]).to.include({ kind: 'rebuild', state: 'running', generation: 2 });
    expect(positions(await readModel.shownRows(FACTS).find(all))).to.deep.equal([1n]);
    await readModel.drop(PEOPLE, 1);
    expect(await readModel.generations(PEOPLE)).to.deep.equal([]);
  });

  it('of a view, which the disk cannot find at the moment, is not taken for lost', async () => {
    await readModel.close();
    const giveBack = makeUnreadable(join(folder, 'people-v1-g1.db'));
    readModel = openSqliteReadModel({ folder });
    for (const call of [readModel.shown(PEOPLE).load([1]), readModel.open(PEOPLE, 1, { mustExist: true })]) {
      const error = await failureOf(call);
      expect(error)
        .to.include({ name: 'ReadModelError' })
        .and.have.property('message')
        .that.matches(/: ELOOP$/);
    }
    giveBack();
    expect(await readModel.shown(PEOPLE).load([1])).to.deep.equal([person(1, 0)]);
    expect((await readModel.controls.read(PEOPLE))?.control).to.deep.include({ live: 1, jobs: [] });
  });

  it('of view records are set aside, so that every view is rebuilt', async () => {
    await damage('control.db');
    expect(await readModel.controls.read(PEOPLE)).to.equal(null);
    expect(existsSync(join(folder, 'control.db.damaged'))).to.equal(true);
    expect(await readModel.generations(FACTS)).to.deep.equal([1]);
  });

  it('of a view, locked by another process, make a write wait without blocking the event loop', async () => {
    const other = new Database(join(folder, 'people-v1-g1.db'), 0);
    other.exec('BEGIN IMMEDIATE');
    const people = await readModel.open(PEOPLE, 1);
    const written = people.write({ documents: [person(2, 0)], from: at(1n), to: at(2n) });
    expect(await people.load([1])).to.deep.equal([person(1, 0)]);
    other.close();
    expect(await written).to.equal('written');
  });

  it('of a lease do not prevent it from being acquired, by one holder at a time', async () => {
    writeFileSync(join(folder, 'lease-people.db'), GARBAGE);
    const [one, other] = [openSqliteLeases({ folder }), openSqliteLeases({ folder })];
    const once = { signal: AbortSignal.abort() };
    const lease = await one.acquire('people', once);
    expect(lease).not.to.equal(null);
    expect(await other.acquire('people', once)).to.equal(null);
    await lease?.release();
    expect(await other.acquire('people', once)).not.to.equal(null);
    await Promise.all([one.close(), other.close()]);
  });

  it('leave no descriptor, write-ahead log or publicly readable file once they are closed', async () => {
    await readModel.close();
    const files = readdirSync(folder);
    expect((openFiles() ?? []).filter((name) => name.startsWith(folder))).to.deep.equal([]);
    expect(files.filter((name) => !name.endsWith('.db'))).to.deep.equal([]);
    for (const file of files) expect(statSync(join(folder, file)).mode & 0o077, file).to.equal(0);
  });
});

describe('An error of the embedded read model', () => {
  const FAULTS: [fault: string, statements: string[], reason: string][] = [
    [
      'the disk is full',
      ['PRAGMA file.max_page_count = 3', `INSERT INTO people VALUES (2, '${'María'.repeat(5_000)}')`],
      'database or disk is full (SQLITE_FULL)',
    ],
    [
      'a row breaks a constraint',
      [`INSERT INTO people VALUES (1, 'María')`],
      'constraint failed (SQLITE_CONSTRAINT)',
    ],
  ];

  for (const [fault, statements, reason] of FAULTS) {
    it(`gives the file and SQLite's reason if ${fault}, quotes no data, and does not call the view damaged`, async () => {
      const folder = newFolder();
      const file = join(folder, 'people-v1-g1.db');
      const db = openSqlite(file, { synchronous: 'NORMAL' });
      db.exec(
        `CREATE TABLE file.people (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO people VALUES (1, 'Ana')`,
      );
      const guarded = guardFor(file, (error) => {
        throw error;
      });
      const work = (): void => {
        for (const sql of statements) db.exec(sql);
      };
      const error = (await failureOf(guarded(work))) as Error;
      expect(error).to.include({ name: 'ReadModelError' });
      expect(error.message).to.equal(`the read model failed: people-v1-g1.db: ${reason}`);
      expect(() => {
        guarded.now(work);
      }).to.throw(reason);
      db.close();
      removeFolder(folder);
    });
  }
});

describe('Sealing rows on SQLite', () => {
  const ROWS = 12_000;
  let folder: string;
  let readModel: ReadModel;
  let rows: RowStore;

  beforeEach(async () => {
    folder = newFolder();
    readModel = openSqliteReadModel({ folder });
    rows = await readModel.openRows(FACTS, 1);
    const filled = Array.from({ length: ROWS }, (_, n) =>
      row(BigInt(n + 1), n, [`m${n}`, `n${(n * 7_919) % ROWS}`, `o${n}`, `kind${n % 3}`, 'same']),
    );
    // The last key is the first to come, so that all others go into runs.
    await rows.fill({ rows: [row(BigInt(ROWS + 1), 0, ['z'])], from: null, to: at(1n) });
    await rows.fill({ rows: filled.slice(0, ROWS / 2), from: at(1n), to: at(2n) });
    await rows.fill({ rows: filled.slice(ROWS / 2), from: at(2n), to: at(3n) });
  });
  afterEach(async () => {
    await readModel.close();
    removeFolder(folder);
  });

  const countOf = async (key: string): Promise<number> => {
    const query = { ...all, keys: [key], upTo: 1_000_000n, limit: ROWS, scan: ROWS };
    return (await rows.find(query)).rows.length;
  };

  it('reports its progress, stops between two ranges if asked, and begins again when it is called again', async () => {
    const stopping = new AbortController();
    const shares: number[] = [];
    await rows.seal({
      signal: stopping.signal,
      onProgress(share) {
        shares.push(share);
        stopping.abort();
      },
    });
    expect(shares).to.have.length(1);
    expect(shares[0]).to.be.within(0.01, 0.99);

    await rows.seal({ onProgress: (share) => shares.push(share) });
    expect(shares.at(-1)).to.equal(1);
    expect(shares.slice(1)).to.deep.equal([...shares.slice(1)].sort((a, b) => a - b));
    expect(await countOf('same')).to.equal(ROWS);
    expect(await countOf('kind1')).to.equal(ROWS / 3);
    expect(await countOf('n5')).to.equal(1);
  });

  it('leaves all data of rows and documents in the file itself, none in the write-ahead log only', async () => {
    await rows.seal();
    const people = await readModel.open(PEOPLE, 1);
    await people.write({ documents: [person(1, 0)], from: null, to: at(1n) });
    await people.seal();
    // What a power cut could take is what the file alone does not hold.
    const copy = newFolder();
    for (const file of ['facts-v1-g1.db', 'people-v1-g1.db']) {
      copyFileSync(join(folder, file), join(copy, file));
    }
    const copied = openSqliteReadModel({ folder: copy });
    const same = { ...all, keys: ['same'], upTo: 1_000_000n, limit: 5 };
    expect((await (await copied.openRows(FACTS, 1)).find(same)).rows).to.have.length(5);
    expect(await (await copied.open(PEOPLE, 1)).load([1])).to.deep.equal([person(1, 0)]);
    await copied.close();
    removeFolder(copy);
  });
});
