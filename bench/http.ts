import jsonwebtoken from 'jsonwebtoken';
import { autocannonLoad, bareSockets, type Load, type Request } from './support/load.ts';
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

/** Durable writes and reads over HTTP compared with a bare Koa echo. Every write really changes one of PEOPLE. */

const PEOPLE = 10_000;
const CONNECTIONS = (process.env['BENCH_CONNECTIONS'] ?? '1,32,128').split(',').map(Number);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 8);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const generate = process.env['BENCH_LOAD'] === 'autocannon' ? autocannonLoad : bareSockets;

/** Resolution of the times: autocannon's are whole milliseconds and may be 0. */
const MIN_MS = process.env['BENCH_LOAD'] === 'autocannon' ? 1 : 0;

interface Kind {
  name: string;
  /** The nth request. */
  request(n: number): Request;
}

interface Figures {
  rps: number;
  p99: number;
  /** Processor time of the server and of the load generator, in microseconds per request. */
  cpu: number;
  load: number;
}

const sign = (claims: object, sub: string): string =>
  jsonwebtoken.sign(claims, SECRET, { subject: sub, expiresIn: '6h' });
const monitor = sign({ role: 'monitor' }, 'bench');
const own = Array.from({ length: PEOPLE }, (_, n) => sign({ role: 'asistente' }, `cuenta-${n + 1}`));
let phone = 600_000_001;

const kinds: Kind[] = [
  {
    name: 'PUT /api/personas/me',
    request: (n) => ({
      method: 'PUT',
      path: '/api/personas/me',
      body: JSON.stringify({ telefono: String((phone += 1)) }),
      token: own[n % PEOPLE] as string,
    }),
  },
  {
    name: 'POST /users/edit',
    request: (n) => ({
      method: 'POST',
      path: '/users/edit',
      body: JSON.stringify(editOf(1 + (n % PEOPLE), String((phone += 1)))),
      token: monitor,
    }),
  },
  {
    name: 'GET /users/:dni',
    request: (n) => ({ method: 'GET', path: `/users/${dniOf(1 + (n % PEOPLE))}`, token: monitor }),
  },
];

let fired = 0;

async function fire(
  { url, process: { pid = 0 } }: Running,
  { request }: Kind,
  connections: number,
  length: Load['length'],
): Promise<Figures> {
  const before = processorSeconds(pid);
  const usage = process.cpuUsage();
  const next = (): Request => request((fired += 1));
  const { answers, seconds, p99 } = await generate({ url, connections, next, length });
  const { user, system } = process.cpuUsage(usage);
  const cpu = ((processorSeconds(pid) - before) / answers) * 1e6;
  return { rps: answers / seconds, p99, cpu, load: (user + system) / answers };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

async function compare(ours: Running, echo: Running, kind: Kind, connections: number): Promise<void> {
  const rounds: { ours: Figures; echo: Figures }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    rounds.push({
      echo: await fire(echo, kind, connections, { seconds: SECONDS }),
      ours: await fire(ours, kind, connections, { seconds: SECONDS }),
    });
  }
  const cell = (width: number, digits: number, pick: (round: (typeof rounds)[number]) => number): string =>
    median(rounds.map(pick)).toFixed(digits).padStart(width);
  console.log(
    [
      kind.name.padEnd(22),
      String(connections).padStart(4),
      cell(9, 0, ({ ours }) => ours.rps),
      cell(9, 0, ({ echo }) => echo.rps),
      cell(7, 2, ({ ours, echo }) => ours.rps / echo.rps),
      cell(8, 1, ({ ours }) => ours.p99),
      cell(8, 1, ({ echo }) => echo.p99),
      cell(7, 2, ({ ours, echo }) => Math.max(MIN_MS, ours.p99) / Math.max(MIN_MS, echo.p99)),
      cell(8, 0, ({ ours }) => ours.cpu),
      cell(8, 0, ({ echo }) => echo.cpu),
      cell(7, 2, ({ ours, echo }) => ours.cpu / echo.cpu),
      cell(8, 0, ({ ours }) => ours.load),
      cell(6, 0, ({ echo }) => echo.load),
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
    'request               conn    padron      echo   ratio   p99 ms echo p99   ratio  cpu us echo us   ratio  load us  echo',
  );
  const wanted = process.env['BENCH_ONLY'];
  for (const kind of kinds.filter(({ name }) => !wanted || name.includes(wanted))) {
    // Everyone once, so that tokens are verified, subjects are in memory and code is compiled.
    await fire(ours, kind, 32, { requests: PEOPLE });
    await fire(echo, kind, 32, { requests: PEOPLE });
    for (const connections of CONNECTIONS) await compare(ours, echo, kind, connections);
  }
  console.log(`memory after the load: ${residentMiB(pid)} MiB`);
  await ours.stop();
  await echo.stop();
}
