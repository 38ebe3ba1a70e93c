import autocannon from 'autocannon';
import jsonwebtoken from 'jsonwebtoken';
import { dniOf, editOf, personaLine, userLine } from './support/people.ts';
import {
  linesFile,
  padron,
  processorSeconds,
  residentMiB,
  SECRET,
  serveEcho,
  servePadron,
  temporaryFolder,
  type Running,
} from './support/servers.ts';

/** Durable writes and reads over HTTP against a bare Koa echo, every request a real change to one of PEOPLE. */

const PEOPLE = 10_000;
const CONNECTIONS = (process.env['BENCH_CONNECTIONS'] ?? '1,32,128').split(',').map(Number);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);

interface Load {
  name: string;
  method: 'PUT' | 'POST' | 'GET';
  /** The nth request. */
  request(n: number): { path: string; body?: string; token: string };
}

interface Figures {
  rps: number;
  p99: number;
  /** Processor time of the server, in microseconds a request: does not depend on what else the machine does. */
  cpu: number;
}

const sign = (claims: object, sub: string): string =>
  jsonwebtoken.sign(claims, SECRET, { subject: sub, expiresIn: '6h' });
const monitor = sign({ role: 'monitor' }, 'bench');
const own = Array.from({ length: PEOPLE }, (_, n) => sign({ role: 'asistente' }, `cuenta-${n + 1}`));
let phone = 600_000_001;

const loads: Load[] = [
  {
    name: 'PUT /api/personas/me',
    method: 'PUT',
    request: (n) => ({
      path: '/api/personas/me',
      body: JSON.stringify({ telefono: String((phone += 1)) }),
      token: own[n % PEOPLE] as string,
    }),
  },
  {
    name: 'POST /users/edit',
    method: 'POST',
    request: (n) => ({
      path: '/users/edit',
      body: JSON.stringify(editOf(1 + (n % PEOPLE), String((phone += 1)))),
      token: monitor,
    }),
  },
  {
    name: 'GET /users/:dni',
    method: 'GET',
    request: (n) => ({ path: `/users/${dniOf(1 + (n % PEOPLE))}`, token: monitor }),
  },
];

async function fire(
  { url, process: { pid = 0 } }: Running,
  { method, request }: Load,
  connections: number,
  length: { duration: number } | { amount: number },
): Promise<Figures> {
  let n = 0;
  const before = processorSeconds(pid);
  const result = await autocannon({
    url,
    connections,
    ...length,
    requests: [
      {
        method,
        setupRequest: (prepared) => {
          const { path, body, token } = request((n += 1));
          const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` };
          return { ...prepared, path, headers, ...(body === undefined ? {} : { body }) };
        },
      },
    ],
  });
  if (result.non2xx + result.errors > 0)
    throw new Error(`${result.non2xx} answers were no 2xx, ${result.errors} errors`);
  const { total } = result.requests;
  const cpu = ((processorSeconds(pid) - before) / total) * 1e6;
  return { rps: total / result.duration, p99: result.latency.p99, cpu };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

async function compare(ours: Running, echo: Running, load: Load, connections: number): Promise<void> {
  const rounds: { ours: Figures; echo: Figures }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      echo: await fire(echo, load, connections, { duration: SECONDS }),
      ours: await fire(ours, load, connections, { duration: SECONDS }),
    });
  }
  const of = (pick: (one: { ours: Figures; echo: Figures }) => number): number => median(rounds.map(pick));
  console.log(
    [
      load.name.padEnd(22),
      String(connections).padStart(4),
      of(({ ours }) => ours.rps)
        .toFixed(0)
        .padStart(9),
      of(({ echo }) => echo.rps)
        .toFixed(0)
        .padStart(9),
      of(({ ours, echo }) => ours.rps / echo.rps)
        .toFixed(2)
        .padStart(7),
      of(({ ours }) => ours.p99)
        .toFixed(1)
        .padStart(8),
      of(({ echo }) => echo.p99)
        .toFixed(1)
        .padStart(8),
      of(({ ours, echo }) => ours.p99 / Math.max(1, echo.p99))
        .toFixed(2)
        .padStart(7),
      of(({ ours }) => ours.cpu)
        .toFixed(0)
        .padStart(8),
      of(({ echo }) => echo.cpu)
        .toFixed(0)
        .padStart(8),
      of(({ ours, echo }) => ours.cpu / echo.cpu)
        .toFixed(2)
        .padStart(7),
    ].join(' '),
  );
}

/** Prints the table. Needs the built program (npm run build). */
export async function benchHttp(): Promise<void> {
  const folder = temporaryFolder();
  await padron(['import', linesFile(folder, 'users.ndjson', PEOPLE, userLine)], folder);
  await padron(['import', linesFile(folder, 'personas.ndjson', PEOPLE, personaLine)], folder);
  const ours = await servePadron(folder);
  const echo = await serveEcho();
  const pid = ours.process.pid ?? 0;
  console.log(
    `HTTP, ${PEOPLE} people, median of ${ROUNDS} rounds of ${SECONDS} s, padron and a bare Koa echo in turn`,
  );
  console.log(`memory at rest: ${residentMiB(pid)} MiB`);
  console.log(
    'request               conn    padron      echo   ratio   p99 ms echo p99   ratio  cpu us echo us   ratio',
  );
  const wanted = process.env['BENCH_ONLY'];
  for (const load of loads.filter(({ name }) => !wanted || name.includes(wanted))) {
    // Everybody once: tokens verified, subjects in memory, code compiled.
    await fire(ours, load, 32, { amount: PEOPLE });
    await fire(echo, load, 32, { amount: PEOPLE });
    for (const connections of CONNECTIONS) await compare(ours, echo, load, connections);
  }
  console.log(`memory after the load: ${residentMiB(pid)} MiB`);
  await ours.stop();
  await echo.stop();
}
