/**
 * What a rebuild costs clients that read and write meanwhile, on the built server with the embedded stores:
 *
 *   npm run build && node --import ./bench/compile.js bench/rebuildLive.ts [events] [requests a second]
 *
 * Measures a steady load of writes and reads of a view, without rebuilds and with one after another, in turn. Prints both p99 and their ratio; exit
 * code 1 if it is above 2.
 */
import autocannon from 'autocannon';
import jsonwebtoken from 'jsonwebtoken';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { madeUpCuenta, writeMadeUpLog } from '../test/support/madeUpLog.ts';
import { SECRET, servePadron, temporaryFolder } from './support/servers.ts';

const [EVENTS = 300_000, RATE = 300] = process.argv.slice(2).map(Number);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const CONNECTIONS = 16;
const PEOPLE = Math.ceil(EVENTS / 10);
const WATCHED = 1_000;
const MAX_RATIO = 2;

const sign = (role: string, subject: string): string =>
  jsonwebtoken.sign({ role }, SECRET, { subject, expiresIn: '6h' });
const admin = sign('admin', 'bench');
const own = Array.from({ length: WATCHED }, (_, n) => sign('asistente', madeUpCuenta(n + 1)));

const folder = temporaryFolder();
await writeMadeUpLog(join(folder, 'events.db'), { events: EVENTS, people: PEOPLE });
const server = await servePadron(folder);
const headersOf = (token: string): Record<string, string> => ({
  'content-type': 'application/json',
  authorization: `Bearer ${token}`,
});

let n = 0;
const write = {
  method: 'PUT' as const,
  setupRequest: (prepared: autocannon.Request): autocannon.Request => ({
    ...prepared,
    path: '/api/personas/me',
    headers: headersOf(own[(n += 1) % WATCHED] as string),
    body: JSON.stringify({ telefono: `+${n}` }),
  }),
};
const read = {
  method: 'GET' as const,
  setupRequest: (prepared: autocannon.Request): autocannon.Request => ({
    ...prepared,
    path: `/api/personas/${1 + ((n += 1) % WATCHED)}`,
    headers: headersOf(admin),
  }),
};

/** The p99 of a steady load, in milliseconds. */
async function p99(): Promise<number> {
  const { latency, non2xx, errors } = await autocannon({
    url: server.url,
    connections: CONNECTIONS,
    overallRate: RATE,
    duration: SECONDS,
    requests: [write, read],
  });
  if (non2xx + errors > 0) throw new Error(`${non2xx} answers were no 2xx, ${errors} errors`);
  return latency.p99;
}

const call = (method: string, path: string): Promise<Response> =>
  fetch(`${server.url}${path}`, { method, headers: headersOf(admin) });

/** Rebuilds the view again and again until the signal aborts; returns the number of rebuilds. */
async function rebuildAllTheTime(view: string, signal: AbortSignal): Promise<number> {
  let done = 0;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    const { id } = (await (await call('POST', `/admin/projections/${view}/rebuild`)).json()) as {
      id: string;
    };
    for (let state = 'running'; state === 'running';) {
      await wait(100);
      ({ state } = (await (await call('GET', `/admin/jobs/${id}`)).json()) as { state: string });
      if (isOver() && state === 'running') await call('DELETE', `/admin/jobs/${id}`);
      if (state === 'done') done += 1;
      if (state === 'failed') throw new Error(`the rebuild of ${view} failed`);
    }
  }
  return done;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

console.log(
  `${EVENTS} events, ${RATE} requests a second on ${CONNECTIONS} connections, ${ROUNDS} rounds of ${SECONDS} s`,
);
await p99();
for (const view of ['personas', 'history']) {
  const rounds: { usual: number; rebuilding: number; rebuilds: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const usual = await p99();
    const stopping = new AbortController();
    const rebuilding = rebuildAllTheTime(view, stopping.signal);
    const meanwhile = await p99();
    stopping.abort();
    rounds.push({ usual, rebuilding: meanwhile, rebuilds: await rebuilding });
  }
  const ratio = median(rounds.map(({ usual, rebuilding }) => rebuilding / Math.max(1, usual)));
  const of = (pick: (round: (typeof rounds)[number]) => number): number => median(rounds.map(pick));
  const verdict = ratio <= MAX_RATIO ? 'reached' : `ABOVE ${MAX_RATIO}`;
  if (ratio > MAX_RATIO) process.exitCode = 1;
  console.log(
    `${view}: p99 ${of(({ usual }) => usual)} ms, ${of(({ rebuilding }) => rebuilding)} ms while it is rebuilt (${of(({ rebuilds }) => rebuilds)} times); ratio ${ratio.toFixed(2)} ${verdict}`,
  );
}
await server.stop();
process.exit();
