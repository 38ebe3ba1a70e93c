/** A process that exports the history in a folder once and sends its measurements: `exportProcess.ts FOLDER FORMAT`. */
import { toCsv, toNdjson } from '../../src/history/export.ts';
import { readHistoryQuery } from '../../src/history/filters.ts';
import { openHistory } from './filledHistory.ts';

/** Pieces exported to warm up before the measured export. */
const WARM_UP_PIECES = 100;

export interface Exported {
  bytes: number;
  seconds: number;
  growthMb: number;
}

async function runExport(folder: string, format: string): Promise<Exported> {
  const { history, close } = await openHistory(folder);
  const read = readHistoryQuery({});
  if (!('query' in read)) throw new Error(JSON.stringify(read.faults));
  // A first export warms up, so that code is compiled and the heap has grown when the measured one begins.
  let [bytes, before, peak, start] = [0, 0, 0, 0];
  for (const most of [WARM_UP_PIECES, Infinity]) {
    before = peak = process.memoryUsage.rss();
    start = performance.now();
    bytes = 0;
    let pieces = 0;
    const pages = history.pages(read.query, { subject: null, name: 'audit' }, null);
    for await (const text of format === 'csv' ? toCsv(pages) : toNdjson(pages)) {
      bytes += Buffer.byteLength(text);
      peak = Math.max(peak, process.memoryUsage.rss());
      if ((pieces += 1) === most) break;
    }
  }
  const seconds = (performance.now() - start) / 1_000;
  await close();
  return { bytes, seconds, growthMb: (peak - before) / 2 ** 20 };
}

const [folder = '', format = ''] = process.argv.slice(2);
process.send?.(await runExport(folder, format));
