import type { Database } from '../../../../platform/sqlite/sqlite.ts';
import type { Row } from '../../../ports/rows.ts';

/**
 * Replaces stored rows by erased ones within the caller's transaction; returns how many changed.
 * Removes the entries of keys that a row has lost from the index and from the runs of a generation
 * being built. Goes by key, because neither has an index by position.
 */
export function rowErasure(
  db: Database,
): (rows: readonly Row[], keysIn: (json: string) => readonly string[]) => number {
  const load = db.prepare('SELECT json FROM rows WHERE position = ?');
  const replace = db.prepare('UPDATE rows SET json = ? WHERE position = ?');
  const removeKey = db.prepare('DELETE FROM keys WHERE key = ? AND at = ? AND position = ?');
  const removeRun = db.prepare(
    'DELETE FROM runs WHERE run IN (SELECT run FROM run_numbers) AND key = ? AND at = ? AND position = ?',
  );
  const removeSamples = db.prepare('DELETE FROM samples WHERE position = ?');
  const removeAllKeys = db.prepare(
    'DELETE FROM keys WHERE position = ? AND key NOT IN (SELECT value FROM json_each(?))',
  );

  return (rows, keysIn) => {
    let changed = 0;
    for (const { position, at, keys, json } of rows) {
      const stored = load.get(position) as { json: string } | undefined;
      if (!stored || stored.json === json) continue;
      changed += 1;
      replace.run(json, position);
      removeSamples.run(position);
      const former = readable(keysIn, stored.json);
      // The keys of an unreadable row can only be found by scanning the entries.
      if (!former) removeAllKeys.run(position, JSON.stringify(['', ...keys]));
      for (const key of former ?? []) {
        if (keys.includes(key)) continue;
        removeKey.run(key, at, position);
        removeRun.run(key, at, position);
      }
    }
    return changed;
  };
}

function readable(keysIn: (json: string) => readonly string[], json: string): readonly string[] | null {
  try {
    return keysIn(json);
  } catch {
    return null;
  }
}
