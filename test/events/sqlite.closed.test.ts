import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { openSqliteEventStore } from '../../src/events/stores/sqlite/sqliteEventStore.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { openFiles } from '../support/openFiles.ts';
import { event, typesIn, written } from './contract/steps.ts';

describe('The embedded event store, once it is closed', () => {
  let folder: string;
  let copies: string;
  const file = (): string => join(folder, 'events.db');

  beforeEach(() => {
    folder = newFolder();
    copies = newFolder();
  });
  afterEach(() => {
    removeFolder(folder);
    removeFolder(copies);
  });

  async function typesInCopy(): Promise<string[]> {
    copyFileSync(file(), join(copies, 'events.db'));
    const copy = openSqliteEventStore({ file: join(copies, 'events.db') });
    try {
      return await typesIn(copy, 'persona-1');
    } finally {
      await copy.close();
    }
  }

  it('has every event in events.db alone, and holds no file open', async () => {
    const store = openSqliteEventStore({ file: file() });
    await written(store, 'persona-1', -1, [event('A')]);
    await written(store, 'persona-1', 0, [event('B')]);
    await store.close();
    expect(readdirSync(folder)).to.deep.equal(['events.db']);
    expect((openFiles() ?? []).filter((name) => name.startsWith(folder))).to.deep.equal([]);
    expect(await typesInCopy()).to.deep.equal(['A', 'B']);
  });

  it('has every event in events.db even while another connection keeps the file open', async () => {
    const other = openSqliteEventStore({ file: file() });
    const store = openSqliteEventStore({ file: file() });
    try {
      await written(store, 'persona-1', -1, [event('A')]);
      await store.close();
      expect(await typesInCopy()).to.deep.equal(['A']);
    } finally {
      await other.close();
    }
  });
});
