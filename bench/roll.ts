import { availableParallelism, loadavg } from 'node:os';
import { benchServedRoll } from './roll/served.ts';

/**
 * The roll at a moment: pages, whole rolls and changes, and their effect on other requests (docs/benchmarks-roll.md):
 *
 *   BENCH_PEOPLE=10000,100000,1000000 npm run bench -- roll
 *
 * BENCH_EVENTS_EACH sets the number of events per person (10). BENCH_SEALED=on seals people's data. BENCH_FOLDER names a folder that
 * keeps the log and the views for later runs. BENCH_ONLY selects the whole rolls by a part of their name. MONGODB_URL adds the pair of server adapters, with the stand-in for EventStoreDB or EVENTSTORE_URL.
 * Exit code 1 if a figure misses its goal. Needs the built program (npm run build).
 */
export async function benchRoll(): Promise<void> {
  const sizes = (process.env['BENCH_PEOPLE'] ?? '10000').split(',').map(Number);
  const isSealed = process.env['BENCH_SEALED'] === 'on';
  const load = (): string => `load average ${loadavg()[0]?.toFixed(1)}`;
  console.log(`${availableParallelism()} cores, ${load()}, Node ${process.versions.node}`);
  for (const people of sizes) await benchServedRoll(people, isSealed);
  if (process.env['MONGODB_URL']) {
    const { benchAdapterRoll } = await import('./roll/adapterPair.ts');
    await benchAdapterRoll(process.env['MONGODB_URL']);
  }
  console.log(`${load()} at the end`);
}
