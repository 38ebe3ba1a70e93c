import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';

/** Streams read by one statement, as the roll reads them. */
const AT_ONCE = 50;

/** People per second, and per second of processor time. */
export interface Rate {
  perSecond: number;
  perCpuSecond: number;
}

/**
 * The baseline: bare SQLite reads all events of `people` users, 50 streams per statement. With `isParsed`, data and metadata go through
 * JSON.parse; otherwise rows are not parsed. Nothing is folded.
 */
export function readBare(eventsFile: string, people: number, { isParsed }: { isParsed: boolean }): Rate {
  const db = openSqlite(eventsFile, { synchronous: 'FULL', cacheMiB: 4 });
  const rows = db.prepare(
    `SELECT wanted.key, position, revision, events.id, events.type, data, metadata
     FROM json_each(?) AS wanted CROSS JOIN events ON stream = wanted.value`,
  );
  rows.setReturnArrays(true);
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  for (let first = 1; first <= people; first += AT_ONCE) {
    const last = Math.min(people, first + AT_ONCE - 1);
    const streams = Array.from({ length: last - first + 1 }, (_, n) => `user-${first + n}`);
    const found = rows.all(JSON.stringify(streams)) as unknown as string[][];
    if (found.length < streams.length) throw new Error('the log lacks people');
    if (isParsed) for (const row of found) for (const text of row.slice(5)) JSON.parse(text);
  }
  const seconds = (performance.now() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  db.close();
  return { perSecond: people / seconds, perCpuSecond: people / ((user + system) / 1e6) };
}
