import { join } from 'node:path';
import { servePadron, type Running } from '../support/servers.ts';
import { readBare } from './bareReading.ts';
import { EVENTS_EACH, folderWithLog } from './madeUpFolder.ts';
import { callJson, download, measure, measureAtRest, type Measured } from './measuring.ts';

const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z');
const CSV = 'text/csv';
const NDJSON = 'application/x-ndjson';

/** The goals in docs/benchmarks-roll.md. */
const GOALS = { csvPerSecond: 10_000, growthMiB: 50, firstPageMs: 100, p99Times: 2, lastPageTimes: 1.5 };

/**
 * The roll of `people` users with EVENTS_EACH events each, on the built server with the embedded stores,
 * at a moment in the middle of the log.
 */
export async function benchServedRoll(people: number, isSealed: boolean): Promise<void> {
  const folder = await folderWithLog(people, isSealed);
  const eventsFile = join(folder, 'events.db');
  const events = people * EVENTS_EACH;
  const server = await servePadron(folder, {
    probe: new URL('../support/loopProbe.mjs', import.meta.url).href,
  });
  console.log(`\n${people} people, ${events} events, ${isSealed ? 'sealed' : 'in clear'}`);
  const at = (share: number): string => new Date(FIRST_DAY + events * share * 1_000).toISOString();
  const roll = `${server.url}/users?at=${at(0.5)}`;
  await benchPages(roll, people);
  await benchWholes(server, { roll, eventsFile, people, at });
  await server.stop();
}

/** The first page from a cold start, and a walk through all pages. */
async function benchPages(roll: string, people: number): Promise<void> {
  const first: number[] = [];
  for (let n = 0; n < 30; n += 1) first.push(await timeOf(() => callJson(`${roll}&limit=50`)));
  const [cold = 0, ...warm] = first;
  const most = Math.max(...warm);
  console.log(
    `first page of 50: ${cold.toFixed(1)} ms cold, then median ${median(warm).toFixed(1)}, most ${most.toFixed(1)} ms${verdict(Math.max(cold, most) < GOALS.firstPageMs)}`,
  );
  const limit = Math.min(1_000, people / 100);
  const times: number[] = [];
  for (let next: string | null = '', seen = 0; next !== null;) {
    const start = performance.now();
    const cursor: string = next === '' ? '' : `&cursor=${encodeURIComponent(next)}`;
    const page: { users: unknown[]; next: string | null } = await callJson(`${roll}&limit=${limit}${cursor}`);
    times.push(performance.now() - start);
    seen += page.users.length;
    next = page.next;
    if (next === null && seen !== people) throw new Error(`the walk showed ${seen} people`);
  }
  // The last page may be short.
  const [starts, ends] = [median(times.slice(0, 20)), median(times.slice(-21, -1))];
  const times_ = ends / starts;
  console.log(
    `pages of ${limit}: ${times.length} pages, the first 20 median ${starts.toFixed(1)} ms, the last 20 ${ends.toFixed(1)} ms, x ${times_.toFixed(2)}${verdict(times_ <= GOALS.lastPageTimes)}`,
  );
}

interface Whole {
  roll: string;
  eventsFile: string;
  people: number;
  at(share: number): string;
}

async function benchWholes(server: Running, { roll, eventsFile, people, at }: Whole): Promise<void> {
  const bare = readBare(eventsFile, people, { isParsed: false });
  const parsed = readBare(eventsFile, people, { isParsed: true });
  const head =
    'people/s   a CPU second   of bare a CPU second   growth MiB   p99 of others ms   stall ms (held)';
  console.log(`${''.padEnd(44)} ${head}`);
  for (const [name, rate] of [
    ['bare: rows of the same streams, by SQLite', bare],
    ['the same, with JSON.parse', parsed],
  ] as const) {
    console.log(
      `${name.padEnd(44)} ${whole(rate.perSecond, 8)} ${whole(rate.perCpuSecond, 14)} ${'1'.padStart(22)}`,
    );
  }
  const rest = await measureAtRest(server);
  report('nothing but the other requests', rest, null, bare.perCpuSecond);

  const changes = `${server.url}/users/changes?from=${at(0.5)}&to=${at(0.6)}`;
  const file = (url: string, accept: string) => async (): Promise<void> => {
    const lines = await download(url, accept);
    if (lines < 1 || (url === roll && lines < people)) throw new Error(`${url} has ${lines} lines`);
  };
  // A kept log has the names of earlier runs.
  const named = { name: `Bench ${Date.now()}`, kind: 'users', at: at(0.5) };
  let id = 0;
  const nameIt = async (): Promise<void> => {
    ({ id } = await callJson<{ id: number }>(`${server.url}/rolls`, named));
  };
  const works: [string, () => Promise<unknown>][] = [
    ['whole roll, CSV', file(roll, CSV)],
    ['whole roll, CSV, again', file(roll, CSV)],
    ['whole roll, NDJSON', file(roll, NDJSON)],
    ['whole roll at the end of the log, CSV', file(`${server.url}/users?at=${at(0.999)}`, CSV)],
    ['changes over a tenth of the log, CSV', file(changes, CSV)],
    ['changes over a tenth of the log, summary', () => callJson(`${changes}&summary=true`)],
    ['name the roll (POST /rolls)', nameIt],
    ['verify it', () => callJson(`${server.url}/rolls/${id}/verify`, {})],
  ];
  const wanted = process.env['BENCH_ONLY'] ?? '';
  for (const [name, work] of works.filter(([name]) => name.includes(wanted))) {
    const measured = await measure(server, work);
    const isGoal = name.startsWith('whole roll, CSV');
    const isReached =
      (!isGoal || people / measured.seconds >= GOALS.csvPerSecond) &&
      measured.growthMiB < GOALS.growthMiB &&
      measured.p99 <= GOALS.p99Times * rest.p99;
    report(name, measured, people, bare.perCpuSecond, verdict(isReached));
  }
}

function report(name: string, measured: Measured, people: number | null, bare: number, end = ''): void {
  const { seconds, cpuSeconds, growthMiB, p99, stall, held } = measured;
  const rates =
    people === null
      ? ' '.repeat(46)
      : `${whole(people / seconds, 8)} ${whole(people / cpuSeconds, 14)} ${(people / cpuSeconds / bare).toFixed(2).padStart(22)}`;
  console.log(
    `${name.padEnd(44)} ${rates} ${whole(growthMiB, 12)} ${p99.toFixed(1).padStart(18)} ${`${stall.toFixed(0)} (${held.toFixed(0)})`.padStart(17)}${end}`,
  );
}

function verdict(isReached: boolean): string {
  if (!isReached) process.exitCode = 1;
  return isReached ? '' : '  BELOW its goal';
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const whole = (n: number, width: number): string => String(Math.round(n)).padStart(width);
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
