import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Exported } from './exportProcess.ts';
import { count } from './figures.ts';
import type { FilledHistory } from './filledHistory.ts';

export const MAX_GROWTH_MB = 50;

/** Prints the rate and the memory of an export per format and size; returns whether they are within the limit. */
export async function measureExports(sizes: readonly FilledHistory[]): Promise<boolean> {
  let isWell = true;
  console.log('\nexport: entries a second, MB a second, growth of the process in MB at its peak');
  for (const { entries, folder } of sizes) {
    for (const format of ['ndjson', 'csv'] as const) {
      const { bytes, seconds, growthMb } = await exportIn(folder, format);
      if (growthMb > MAX_GROWTH_MB) isWell = false;
      const [rate, mb] = [count(entries / seconds), (bytes / 2 ** 20 / seconds).toFixed(0)];
      console.log(
        `${count(entries).padStart(9)} ${format.padEnd(6)} ${rate.padStart(9)} ${mb.padStart(5)} ${growthMb.toFixed(1).padStart(7)}`,
      );
    }
  }
  return isWell;
}

/** Exports in a process of its own, so that only the export's memory counts. */
function exportIn(folder: string, format: 'ndjson' | 'csv'): Promise<Exported> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, [folder, format], {
      execArgv: process.execArgv,
    });
    child.once('message', (message) => {
      resolve(message as Exported);
    });
    child.once('error', reject);
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`the export ended with ${String(code)}`));
    });
  });
}

const PROGRAM = fileURLToPath(new URL('./exportProcess.ts', import.meta.url));
