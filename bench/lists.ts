import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bareImport } from './support/bareImport.ts';
import { userLine } from './support/people.ts';
import { linesFile, padron, temporaryFolder } from './support/servers.ts';

/**
 * Imports of a list of users, as CSV and NDJSON, sealed and in clear text: each `padron import` runs in a process of its own, start-up included.
 * The baseline of the same round parses the same file and inserts as many rows, without checks, hashes or sealing.
 */

const LINES = Number(process.env['BENCH_LINES'] ?? 40_000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const PROBE = new URL('./support/usageProbe.mjs', import.meta.url).pathname;

/** Goals in lines per second for the default mode, sealed, on a quiet machine. */
const GOALS = { ndjson: 10_000, csv: 8_000 };
/** Goal for sealed imports, as a share of the rate in clear text. */
const SEALED_GOAL = 0.85;

type Format = keyof typeof GOALS;
const SEALING = ['off', 'on'] as const;

interface Figures {
  perSecond: number;
  /** Lines per second of processor time. */
  perProcessorSecond: number;
  peakMiB: number;
}

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

/** The nth line of a users' import, as CSV. */
const csvLine = (n: number): string =>
  Object.values(JSON.parse(userLine(n)) as Record<string, string | number>).join(',');
const csvHeader = Object.keys(JSON.parse(userLine(1)) as object).join(',');

/** Prints the table. */
export async function benchLists(): Promise<void> {
  const folder = temporaryFolder();
  const files: Record<Format, string> = {
    ndjson: linesFile(folder, 'users.ndjson', LINES, userLine),
    csv: linesFile(folder, 'users.csv', LINES + 1, (n) => (n === 1 ? csvHeader : csvLine(n - 1))),
  };
  console.log(`Import of ${LINES} users, start-up included, median of ${ROUNDS}`);
  console.log('format  sealing   lines/s   lines/CPU-s  peak MiB   of bare  bare lines/s  of in clear');
  for (const format of ['ndjson', 'csv'] as const) {
    const rounds: Record<(typeof SEALING)[number], Figures[]> = { off: [], on: [] };
    const bare: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await bareImport(files[format], format, join(folder, `bare-${format}-${round}.db`)));
      for (const sealing of SEALING)
        rounds[sealing].push(
          await imported(files[format], join(folder, `${format}-${sealing}-${round}`), sealing),
        );
    }
    const inClear = median(rounds.off.map(({ perSecond }) => perSecond));
    for (const sealing of SEALING) {
      const figure = (name: keyof Figures): number => median(rounds[sealing].map((one) => one[name]));
      const rate = figure('perSecond');
      const isSealed = sealing === 'on';
      const verdict = [
        isSealed && verdictOf(rate, GOALS[format]),
        isSealed && verdictOf(rate / inClear, SEALED_GOAL),
      ].filter(Boolean);
      console.log(
        [
          format.padEnd(7),
          sealing.padEnd(7),
          rate.toFixed(0).padStart(9),
          figure('perProcessorSecond').toFixed(0).padStart(13),
          figure('peakMiB').toFixed(0).padStart(9),
          (rate / median(bare)).toFixed(2).padStart(9),
          median(bare).toFixed(0).padStart(13),
          (rate / inClear).toFixed(2).padStart(12),
          ` ${verdict.join(', ')}`,
        ].join(' '),
      );
    }
  }
}

const verdictOf = (value: number, goal: number): string => `${value >= goal ? 'reaches' : 'BELOW'} ${goal}`;

async function imported(list: string, dataDir: string, sealing: 'on' | 'off'): Promise<Figures> {
  const usageFile = `${dataDir}.json`;
  process.env['SEALING'] = sealing;
  process.env['BENCH_USAGE'] = usageFile;
  const start = performance.now();
  await padron(['import', list], dataDir, [
    '--import',
    PROBE,
    ...(process.env['BENCH_NODE_FLAGS']?.split(' ') ?? []),
  ]);
  const seconds = (performance.now() - start) / 1_000;
  const usage = JSON.parse(readFileSync(usageFile, 'utf8')) as NodeJS.ResourceUsage;
  return {
    perSecond: LINES / seconds,
    perProcessorSecond: LINES / ((usage.userCPUTime + usage.systemCPUTime) / 1e6),
    peakMiB: usage.maxRSS / 1024,
  };
}
