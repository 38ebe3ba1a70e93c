import { join } from 'node:path';
import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { openSqliteKeyStore } from '../../src/sealing/stores/sqliteKeyStore.ts';
import type { KeyRow } from '../../src/sealing/keyStore.ts';

/** Removes these subjects' keys from a folder's key store, as restoring an older one would. Returns a function that puts them back. */
export async function loseKeys(dataDir: string, subjects: readonly string[]): Promise<() => Promise<void>> {
  const file = join(dataDir, 'keys.db');
  const store = openSqliteKeyStore({ file });
  const rows: KeyRow[] = await store.ofSubjects(subjects);
  if (rows.length !== subjects.length) throw new Error(`the key store has ${rows.length} of these keys`);
  await store.close();
  const keys = openSqlite(file, { synchronous: 'FULL' });
  for (const subject of subjects) keys.prepare('DELETE FROM keys WHERE subject = ?').run(subject);
  keys.close();
  return async () => {
    const again = openSqliteKeyStore({ file });
    await again.add(rows.filter((row) => 'wrapped' in row));
    await again.close();
  };
}
