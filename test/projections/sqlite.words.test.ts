import { expect } from 'chai';
import { join } from 'node:path';
import { openSqlite, type Database } from '../../src/platform/sqlite/sqlite.ts';
import { WORDS_SCHEMA, wordIndex } from '../../src/projections/stores/sqlite/documents/wordIndex.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

describe('The index of the words of documents', () => {
  let folder: string;
  let db: Database;
  beforeEach(() => {
    folder = newFolder();
    db = openSqlite(join(folder, 'words.db'), { synchronous: 'NORMAL' }, (opened) => {
      opened.exec(WORDS_SCHEMA);
    });
  });
  afterEach(() => {
    db.close();
    removeFolder(folder);
  });

  it('has the words of the last text of a document that is replaced twice at once', () => {
    const words = wordIndex(db);
    words.replace([
      { id: 1, before: null, after: 'ana garcia' },
      { id: 2, before: null, after: 'ana' },
      { id: 1, before: 'ana garcia', after: 'luis garcia' },
    ]);
    expect(words.ids('ana', 0)).to.deep.equal([2]);
    expect(words.ids('luis', 0)).to.deep.equal([1]);
    expect(words.ids('garcia', 0)).to.deep.equal([1]);
  });

  it('has the words of more documents than one statement takes', () => {
    const words = wordIndex(db);
    const ids = Array.from({ length: 113 }, (_, n) => n + 1);
    words.replace(ids.map((id) => ({ id, before: null, after: `ana n${id}` })));
    expect(words.ids('ana', 0)).to.deep.equal(ids);
    for (const id of ids) expect(words.unfindable([{ id, search: `n${id}` }])).to.deep.equal([]);
  });
});
