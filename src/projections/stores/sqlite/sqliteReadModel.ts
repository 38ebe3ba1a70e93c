import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ReadModel, ViewDeclaration } from '../../readModel.ts';
import { openControl } from './control.ts';
import { openGeneration } from './generation.ts';
import { openRowGeneration } from './rowGeneration.ts';

/** The views as SQLite files in `folder`, which is made if it is missing. Throws when a file cannot be opened. */
export function openSqliteReadModel({ folder }: { folder: string }): ReadModel {
  mkdirSync(folder, { recursive: true });
  const control = openControl(join(folder, 'control.db'));
  const open: { close(): void }[] = [];

  function openLive<Store extends { close(): void }>(
    { name, version }: ViewDeclaration,
    openFile: (file: string) => Store,
  ): Store {
    const generation = control.liveGeneration(name, version);
    const store = openFile(join(folder, `${name}-v${version}-g${generation}.db`));
    open.push(store);
    return store;
  }

  return {
    open: async (view) => openLive(view, openGeneration),
    openRows: async (view) => openLive(view, openRowGeneration),
    async close() {
      for (const store of open) store.close();
      control.close();
    },
  };
}
