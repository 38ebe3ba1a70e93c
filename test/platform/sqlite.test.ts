import { expect } from 'chai';
import { join } from 'node:path';
import { openSqlite, type Database } from '../../src/platform/sqlite/sqlite.ts';
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
