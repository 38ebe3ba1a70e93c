import { expect } from 'chai';
import { join } from 'node:path';
import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { FOREIGN_EVENTS } from '../../src/events/stores/sqlite/log/logSchema.ts';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('An events file of an older padron', () => {
  const folder = newFolder();
  after(() => {
    removeFolder(folder);
  });

  it('gets the index of foreign events that includes padron-erasures instead of the older ones', async () => {
    const file = join(folder, 'events.db');
    await openSqliteEventStore({ file }).close();
    const indexes = (change = ''): string[] => {
      const db = openSqlite(file, { synchronous: 'FULL' }, (opened) => {
        if (change) opened.exec(change);
      });
      const rows = db.prepare("SELECT name FROM file.sqlite_schema WHERE type = 'index'").all();
      db.close();
      return (rows as { name: string }[])
        .map(({ name }) => name)
        .filter((name) => name.startsWith('foreign'));
    };
    indexes(`DROP INDEX file.${FOREIGN_EVENTS}; CREATE INDEX file.foreign_events ON events (position);
       CREATE INDEX file.foreign_events_2 ON events (position);`);
    const store = openSqliteEventStore({ file });
    expect(await store.countAfter(null)).to.equal(0);
    await store.close();
    expect(indexes()).to.deep.equal([FOREIGN_EVENTS]);
  });
});
