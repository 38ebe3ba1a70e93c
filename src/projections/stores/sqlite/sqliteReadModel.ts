import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ReadModelError, type ReadModel } from '../../readModel.ts';
import { openControl } from './control.ts';
import { openGeneration, type SqliteGeneration } from './generation.ts';

/** The views as SQLite files in `folder`, which is made if it is missing. Throws when a file cannot be opened. */
export function openSqliteReadModel({ folder }: { folder: string }): ReadModel {
  mkdirSync(folder, { recursive: true });
  const control = openControl(join(folder, 'control.db'));
  let open: SqliteGeneration[] = [];
  let closed = false;

  return {
    async open({ name, version }) {
      if (closed) throw new ReadModelError('the read model is closed');
      const generation = control.liveGeneration(name, version);
      const store = openGeneration(join(folder, `${name}-v${version}-g${generation}.db`));
      open.push(store);
      return store;
    },
    async close() {
      if (closed) return;
      closed = true;
      for (const store of open) store.close();
      open = [];
      control.close();
    },
  };
}
