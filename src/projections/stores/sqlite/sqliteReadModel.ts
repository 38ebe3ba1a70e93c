import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ReadModelError, type ReadModel, type ViewDeclaration } from '../../readModel.ts';
import { openControl } from './control.ts';
import { openGeneration } from './generation.ts';
import { openSqliteLeases } from './leases.ts';
import { openRowGeneration } from './rowGeneration.ts';

/** The views as SQLite files in `folder`, which is made if it is missing. Throws when a file cannot be opened. */
export function openSqliteReadModel({ folder }: { folder: string }): ReadModel {
  mkdirSync(folder, { recursive: true });
  const control = openControl(join(folder, 'control.db'));
  const leases = openSqliteLeases({ folder });
  let open: { close(): void }[] = [];
  let closed = false;

  function openLive<Store extends { close(): void }>(
    { name, version }: ViewDeclaration,
    openFile: (file: string) => Store,
  ): Store {
    if (closed) throw new ReadModelError('the read model is closed');
    const generation = control.liveGeneration(name, version);
    const store = openFile(join(folder, `${name}-v${version}-g${generation}.db`));
    open.push(store);
    return store;
  }

  return {
    leases,
    open: async (view) => openLive(view, openGeneration),
    openRows: async (view) => openLive(view, openRowGeneration),
    async close() {
      if (closed) return;
      closed = true;
      await leases.close();
      for (const store of open) store.close();
      open = [];
      control.close();
    },
  };
}
