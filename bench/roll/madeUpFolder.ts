import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeMadeUpLog } from '../../test/support/madeUpLog.ts';
import { temporaryFolder } from '../support/servers.ts';

/** Events per person. */
export const EVENTS_EACH = Number(process.env['BENCH_EVENTS_EACH'] ?? 10);

/**
 * A data folder with the log of `people` users, EVENTS_EACH events each. With BENCH_FOLDER it is kept there,
 * with the views that the server builds, for the next runs.
 */
export async function folderWithLog(people: number, isSealed: boolean): Promise<string> {
  const kept = process.env['BENCH_FOLDER'];
  if (!kept) return written(temporaryFolder(), people, isSealed);
  const folder = join(kept, `roll-${people}-${EVENTS_EACH}${isSealed ? '-sealed' : ''}`);
  if (existsSync(folder)) return folder;
  // An interrupted run must not leave half a log for the next one.
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  renameSync(await written(unfinished, people, isSealed), folder);
  return folder;
}

async function written(folder: string, people: number, isSealed: boolean): Promise<string> {
  await writeMadeUpLog(join(folder, 'events.db'), {
    events: people * EVENTS_EACH,
    people,
    kinds: ['user'],
    ...(isSealed ? { sealedIn: folder } : {}),
  });
  return folder;
}
