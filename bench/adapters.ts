import { benchCopyAndFirstBuild } from './adapters/copying.ts';
import { benchWriting } from './adapters/writing.ts';
import { openSetting, ROUNDS } from './adapters/setting.ts';

// Compares each adapter with the bare client or driver doing the same work, in turn, in one run (docs/benchmarks-adapters.md):
//   npm run bench -- adapters [copy | writes | projection]
// EVENTSTORE_URL=esdb://… measures on that server instead of the stand-in. It must be empty for `copy`; the events stay there.
// `projection` needs MONGODB_URL=mongodb://… and is skipped without it.

const part = process.argv[2] === 'adapters' ? process.argv[3] : process.argv[2];
const isWanted = (name: string): boolean => part === undefined || part === name;
const setting = await openSetting();
console.log(`median of ${ROUNDS} rounds, bare and padron in turn`);
console.log(`${''.padEnd(58)} ${'bare'.padStart(8)} ${'padron'.padStart(8)}`);
if (isWanted('copy')) await benchCopyAndFirstBuild(setting);
if (isWanted('writes')) await benchWriting(setting);
if (isWanted('projection') && process.env['MONGODB_URL']) {
  const { benchProjection } = await import('./adapters/projecting.ts');
  await benchProjection(setting, process.env['MONGODB_URL']);
}
await setting.close();
