import { expect } from 'chai';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { openSqlite, transaction, type Database } from '../../src/platform/sqlite/sqlite.ts';
import { prepareForMany, prepareQuery } from '../../src/platform/sqlite/statements.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('Rows inserted into SQLite', () => {
  let folder: string;
  let db: Database;

  beforeEach(() => {
    folder = newFolder();
    db = openSqlite(join(folder, 'rows.db'), { synchronous: 'NORMAL' });
    db.exec('CREATE TABLE file.rows (n INTEGER PRIMARY KEY, text TEXT)');
  });
  afterEach(() => {
    db.close();
    removeFolder(folder);
  });

  const rows = (): { n: number; text: string }[] =>
    prepareQuery(db, 'SELECT n, text FROM rows ORDER BY n', ([n, text]: readonly [number, string]) => ({
      n,
      text,
    })).all();

  for (const count of [0, 1, 9, 10, 11, 99, 100, 237]) {
    it(`are inserted in bulk, each once: ${count}`, () => {
      const wanted = Array.from({ length: count }, (_, n) => ({ n, text: `row ${n}` }));
      prepareForMany(db, 'INSERT INTO rows (n, text)', 2)(wanted.flatMap(({ n, text }) => [n, text]));
      expect(rows()).to.deep.equal(wanted);
    });
  }

  it('are refused if the list ends within a row', () => {
    const insert = prepareForMany(db, 'INSERT INTO rows (n, text)', 2);
    expect(() => {
      insert([1, 'one', 2]);
    }).to.throw(RangeError);
    expect(rows()).to.deep.equal([]);
  });
});

describe('A transaction on SQLite that throws', () => {
  it('is rolled back at once: none of it is stored, and other connections can write', () => {
    const folder = newFolder();
    const db = openSqlite(join(folder, 'rows.db'), { synchronous: 'NORMAL' });
    const other = new DatabaseSync(join(folder, 'rows.db'), { timeout: 0 });
    db.exec('CREATE TABLE file.rows (n INTEGER PRIMARY KEY)');
    try {
      expect(() => {
        transaction(db, () => {
          db.exec('INSERT INTO rows (n) VALUES (1)');
          throw new Error('changed its mind');
        });
      }).to.throw('changed its mind');
      other.exec('INSERT INTO rows (n) VALUES (2)');
      const found = prepareQuery(db, 'SELECT n FROM rows', ([n]: readonly [number]) => n).all();
      expect(found).to.deep.equal([2]);
    } finally {
      other.close();
      db.close();
      removeFolder(folder);
    }
  });
});
