/**
 * Audit queries and exports over 10,000, 100,000 and 1,000,000 entries on SQLite:
 *
 *   node --import ./bench/compile.js bench/history.ts [entries…]
 *
 * Prints how fast the view is built, the latency of a page over HTTP per filter at each size with the ratio of the p99s, and the
 * export's rate and memory. Ratios are comparable between machines. Exit code 1 if one is above its limit.
 */
import { rmSync } from 'node:fs';
import { MAX_GROWTH_MB, measureExports } from './history/exports.ts';
import { fillHistory, type FilledHistory } from './history/filledHistory.ts';
import { MAX_RATIO, measurePages } from './history/pages.ts';

async function main(wanted: number[]): Promise<void> {
  const sizes: FilledHistory[] = [];
  try {
    for (const entries of wanted) sizes.push(await fillHistory(entries));
    const pagesWell = await measurePages(sizes);
    for (const { close } of sizes) await close();
    const exportsWell = await measureExports(sizes);
    const isWell = pagesWell && exportsWell;
    console.log(
      `\n${isWell ? 'within' : 'ABOVE'} the limits: p99 x ${MAX_RATIO}, export + ${MAX_GROWTH_MB} MB`,
    );
    process.exitCode = isWell ? 0 : 1;
  } finally {
    for (const { folder } of sizes) rmSync(folder, { recursive: true });
  }
}

const given = process.argv
  .slice(2)
  .map(Number)
  .filter((entries) => entries > 0);
await main(given.length > 0 ? given : [10_000, 100_000, 1_000_000]);
