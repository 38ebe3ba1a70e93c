import { setTimeout as wait } from 'node:timers/promises';
import { join } from 'node:path';
import jsonwebtoken from 'jsonwebtoken';
import { madeUpCuenta, madeUpDni, writeMadeUpLog } from '../test/support/madeUpLog.ts';
import { SECRET, servePadron, temporaryFolder, type Running } from './support/servers.ts';

/**
 * The longest stall of the requests' thread while one heavy operation runs, on the built server with the embedded stores:
 *
 *   BENCH_EVENTS=1000000 npm run bench -- stalls
 *
 * BENCH_COLD is the length of the long stream, BENCH_ROUNDS how often each operation is measured. Prints the longest stall of each round.
 * `held` excludes the time that the thread waited for a processor. Exit code 1 if `held` is above MAX_HELD_MS in every round.
 */
const EVENTS = Number(process.env['BENCH_EVENTS'] ?? 100_000);
const COLD = Number(process.env['BENCH_COLD'] ?? 100_000);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Milliseconds for which one call may block the requests' thread. */
const MAX_HELD_MS = 20;
/** How long the quiet server is measured, in milliseconds. */
const QUIET_MS = 3_000;

/** Milliseconds. */
interface Stalls {
  stall: number;
  held: number;
}

interface Operation {
  name: string;
  /** Whether the server is restarted before each round, so that it has nothing in memory. */
  isCold?: boolean;
  run(url: string): Promise<void>;
}

const sign = (role: string, subject: string): string =>
  jsonwebtoken.sign({ role }, SECRET, { subject, expiresIn: '6h' });
const admin = sign('admin', 'bench');
let phone = 0;

async function call(
  url: string,
  path: string,
  init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> } = {},
  token = admin,
): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers };
  const response = await fetch(`${url}${path}`, { ...init, headers });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response;
}

const read = async (url: string, path: string): Promise<unknown> => (await call(url, path)).json();

/** Starts a job and waits until it is done. */
async function job(url: string, path: string): Promise<void> {
  const { id } = (await (await call(url, path, { method: 'POST' })).json()) as { id: string };
  for (let state = 'running'; state === 'running';) {
    await wait(250);
    ({ state } = (await read(url, `/admin/jobs/${id}`)) as { state: string });
    if (state === 'failed') throw new Error(`${path} failed`);
  }
}

/** Follows the pages of a search to its end, 20 pages at most. */
async function search(url: string, path: string): Promise<void> {
  let next: string | null = path;
  for (let pages = 0; next !== null && pages < 20; pages += 1) {
    const response = await call(url, next);
    await response.arrayBuffer();
    next = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null;
  }
}

async function exportAudit(url: string, accept: string): Promise<void> {
  const { body } = await call(url, '/audit', { headers: { accept } });
  for await (const _ of body ?? []) continue;
}

const operations: Operation[] = [
  { name: 'nothing', run: () => wait(QUIET_MS) },
  { name: 'list with q, many found', run: (url) => search(url, '/users?limit=100&q=calle') },
  { name: 'list with q, one found', run: (url) => search(url, `/users?q=${madeUpDni(7)}`) },
  { name: 'list with q, none found', run: (url) => search(url, '/users?q=calle%20nadie') },
  { name: 'audit with q, many found', run: (url) => search(url, '/audit?limit=1000&q=calle%20mayor') },
  { name: 'audit with q, none found', run: (url) => search(url, '/audit?q=nadie') },
  {
    name: 'audit, two filters',
    run: (url) => search(url, '/audit?limit=1000&field=telefono&actor=account-3'),
  },
  { name: 'export, NDJSON', run: (url) => exportAudit(url, 'application/x-ndjson') },
  { name: 'export, CSV', run: (url) => exportAudit(url, 'text/csv') },
  { name: 'verify', run: (url) => job(url, '/admin/verify') },
  { name: 'rebuild users', run: (url) => job(url, '/admin/projections/users/rebuild') },
  { name: 'rebuild history', run: (url) => job(url, '/admin/projections/history/rebuild') },
  {
    name: `cold command, ${COLD} events`,
    isCold: true,
    run: async (url) => {
      phone += 1;
      const body = JSON.stringify({ telefono: `+9${phone}` });
      await call(url, '/api/personas/me', { method: 'PUT', body }, sign('asistente', madeUpCuenta(1)));
    },
  },
];

/** The longest stalls since the last call. */
const takeStalls = ({ process: child }: Running): Promise<Stalls> =>
  new Promise((resolve) => {
    child.once('message', (message) => {
      resolve(message as Stalls);
    });
    child.send('longest stalls');
  });

const start = (folder: string): Promise<Running> =>
  servePadron(folder, {
    probe: new URL('./support/loopProbe.mjs', import.meta.url).href,
  });

/** Prints the table. Needs the built program (npm run build). */
export async function benchStalls(): Promise<void> {
  const folder = temporaryFolder();
  await writeMadeUpLog(join(folder, 'events.db'), {
    events: EVENTS,
    people: Math.ceil(EVENTS / 10),
    longest: COLD,
  });
  let server = await start(folder);
  console.log(
    `longest stall of the requests' thread, ${EVENTS} events and a stream of ${COLD}, ${ROUNDS} rounds; ms`,
  );
  console.log(`${'operation'.padEnd(34)} seconds   held (without waiting for a processor)   stall`);
  const wanted = process.env['BENCH_ONLY'];
  for (const operation of operations.filter(({ name }) => !wanted || name.includes(wanted))) {
    const rounds: (Stalls & { seconds: number })[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (operation.isCold) {
        await server.stop();
        server = await start(folder);
        // The first request verifies the token, which is not to be measured.
        await read(server.url, '/users?limit=1');
      }
      await takeStalls(server);
      const before = performance.now();
      await operation.run(server.url);
      const seconds = (performance.now() - before) / 1_000;
      rounds.push({ ...(await takeStalls(server)), seconds });
    }
    const isWithin = Math.min(...rounds.map(({ held }) => held)) <= MAX_HELD_MS;
    if (!isWithin) process.exitCode = 1;
    const cells = (pick: (round: Stalls & { seconds: number }) => number): string =>
      rounds.map((round) => pick(round).toFixed(1)).join(' / ');
    console.log(
      [
        operation.name.padEnd(34),
        cells(({ seconds }) => seconds).padEnd(20),
        cells(({ held }) => held).padEnd(24),
        cells(({ stall }) => stall).padEnd(24),
        isWithin ? '' : `ABOVE ${MAX_HELD_MS}`,
      ].join('  '),
    );
  }
  await server.stop();
}
