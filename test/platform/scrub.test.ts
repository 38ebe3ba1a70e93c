import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqlite, transaction, type Database } from '../../src/platform/sqlite/sqlite.ts';
import { markForScrub, scrubIfMarked } from '../../src/platform/sqlite/scrub.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('Scrubbing a SQLite file', () => {
  const folder = newFolder();
  after(() => {
    removeFolder(folder);
  });
  const open = (): Database => openSqlite(join(folder, 'notes.db'), { synchronous: 'FULL' });
  const remove = (db: Database, note: string): void => {
    transaction(db, () => {
      db.prepare('DELETE FROM notes WHERE note = ?').run(note);
      markForScrub(db);
    });
  };

  it('leaves what another connection deletes meanwhile to the scrub of that connection', () => {
    const [one, other] = [open(), open()];
    one.exec('CREATE TABLE file.notes (note TEXT)');
    for (const note of ['SECRET-OF-ONE', 'SECRET-OF-OTHER'])
      one.prepare('INSERT INTO notes VALUES (?)').run(note);
    remove(one, 'SECRET-OF-ONE');
    const prepare = one.prepare.bind(one);
    const intrude = (sql: string) => {
      const statement = prepare(sql);
      if (!sql.includes('wal_checkpoint')) return statement;
      const result: unknown = statement.get();
      remove(other, 'SECRET-OF-OTHER');
      return { get: (): unknown => result };
    };
    Object.defineProperty(one, 'prepare', { value: intrude, configurable: true });
    scrubIfMarked(one);
    Object.defineProperty(one, 'prepare', { value: prepare });
    scrubIfMarked(other);
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(bytes.join('')).not.to.match(/SECRET-OF/);
    one.close();
    other.close();
  });
});
