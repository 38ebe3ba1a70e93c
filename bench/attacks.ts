import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import jsonwebtoken from 'jsonwebtoken';
import { rsaKey, startJwksServer } from '../test/support/jwksServer.ts';
import { dniOf, personaLine, userLine } from './support/people.ts';
import { linesFile, padron, servePadron, temporaryFolder } from './support/servers.ts';

/**
 * What one caller who does its worst costs everybody else, on the built server with its limits on:
 *
 *   npm run bench -- attacks
 *
 * A steady load of reads and writes of many accounts, without an attack and with one in turn; the attacker is a process of its own, with an
 * address of its own. Prints the p99 of the load and their ratio, median of BENCH_ROUNDS rounds. Exit code 1 when a ratio is above MAX_RATIO.
 */
const PEOPLE = 2_000;
const ACCOUNTS = 200;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 6);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Requests of the steady load in a second, and the connections that they come on. */
const RATE = Number(process.env['BENCH_RATE'] ?? 200);
const CONNECTIONS = 16;
/** Issue 18. */
const MAX_RATIO = 3;
/** How long an attack runs before it is measured, in milliseconds. */
const LEAD_MS = 1_000;
const ATTACKER_ADDRESS = '127.0.0.2';

interface Attacker {
  url: string;
  /** Tokens of one account for each role. */
  tokens: Record<'asistente' | 'monitor' | 'auditor', string>;
  /** A token that nobody has signed, of a key that does not exist. */
  unknownKey(n: number): string;
}

interface Sent {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });
const JSON_TYPE = { 'content-type': 'application/json' };

/** 61 KB of members with one blank each. */
const BLANK_MEMBERS = `{${Array.from({ length: 6_300 }, (_, n) => `"m${n}":" "`).join()}}`;

/** Sends the next request as soon as the last one is answered, on so many connections; `isRead` false: no answer is taken. */
function flood({ url }: Attacker, connections: number, next: (n: number) => Sent, isRead = true): void {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let n = 0;
  const send = (): void => {
    const { method, path, headers = {}, body } = next((n += 1));
    const outgoing = httpRequest(`${url}${path}`, {
      agent,
      method,
      headers,
      localAddress: ATTACKER_ADDRESS,
    });
    outgoing.on('response', (incoming) => {
      if (!isRead) return;
      incoming.resume().once('close', send);
    });
    outgoing.once('error', () => setTimeout(send, 100));
    outgoing.end(body);
  };
  for (let one = 0; one < connections; one += 1) send();
}

/** Keeps so many connections open that send what `write` writes to them twice a second. */
function dribble({ url }: Attacker, connections: number, begin: string, more: string): void {
  const { hostname, port } = new URL(url);
  const open = (): void => {
    const socket: Socket = connect({
      host: hostname,
      port: Number(port),
      localAddress: ATTACKER_ADDRESS,
    });
    socket.on('error', () => undefined).on('data', () => undefined);
    socket.on('connect', () => socket.write(begin));
    const writing = setInterval(() => {
      if (!socket.destroyed && more !== '') socket.write(more);
    }, 500);
    socket.once('close', () => {
      clearInterval(writing);
      setTimeout(open, 100);
    });
  };
  for (let one = 0; one < connections; one += 1) open();
}

const attacks: Record<string, (attacker: Attacker) => void> = {
  'bodies of blank members': (attacker) => {
    const headers = { ...bearer(attacker.tokens.asistente), ...JSON_TYPE };
    flood(attacker, 8, () => ({ method: 'PUT', path: '/api/personas/me', headers, body: BLANK_MEMBERS }));
  },
  'unknown key ids': (attacker) => {
    flood(attacker, 8, (n) => ({ method: 'GET', path: '/users', headers: bearer(attacker.unknownKey(n)) }));
  },
  'no token': (attacker) => {
    flood(attacker, 8, () => ({ method: 'GET', path: '/users' }));
  },
  'refused POST /users': (attacker) => {
    const headers = { ...bearer(attacker.tokens.monitor), ...JSON_TYPE };
    const { IdUsuario: _, ...user } = JSON.parse(userLine(1)) as Record<string, unknown>;
    const body = JSON.stringify({ ...user, password: 'a clear password' });
    flood(attacker, 8, () => ({ method: 'POST', path: '/users', headers, body }));
  },
  'slow clients': (attacker) => {
    dribble(attacker, 150, '', '');
    dribble(attacker, 150, 'GET /health/live HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n');
    dribble(
      attacker,
      150,
      `PUT /api/personas/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${attacker.tokens.asistente}\r\n` +
        'Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{',
      ' ',
    );
  },
  searches: (attacker) => {
    const headers = bearer(attacker.tokens.auditor);
    const paths = [
      '/users?limit=100&q=calle',
      '/audit?limit=1000&q=calle',
      '/audit?q=nadie',
      '/users?q=nadie',
    ];
    flood(attacker, 8, (n) => ({ method: 'GET', path: paths[n % paths.length] ?? '', headers }));
  },
  exports: (attacker) => {
    const headers = { ...bearer(attacker.tokens.auditor), accept: 'text/csv' };
    flood(attacker, 8, () => ({ method: 'GET', path: '/audit', headers }));
  },
  'exports that are not read': (attacker) => {
    const headers = { ...bearer(attacker.tokens.auditor), accept: 'application/x-ndjson' };
    flood(attacker, 8, () => ({ method: 'GET', path: '/audit', headers }), false);
  },
};

/** What the attacker's process is given. */
interface Order {
  attack: string;
  url: string;
  tokens: Attacker['tokens'];
}

/** The steady load: each request has its moment, and its time counts from there. Returns the p99 in milliseconds. */
async function p99(url: string, next: (n: number) => Sent): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const times: number[] = [];
  const start = performance.now();
  const total = RATE * SECONDS;
  let begun = 0;

  const send = (n: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const due = start + (n * 1_000) / RATE;
      const { method, path, headers = {}, body } = next(n);
      const outgoing = httpRequest(`${url}${path}`, { agent, method, headers });
      outgoing.once('error', reject).once('response', (incoming) => {
        if ((incoming.statusCode ?? 500) >= 300)
          reject(new Error(`${method} ${path}: ${incoming.statusCode}`));
        incoming.resume().once('end', () => {
          times.push(performance.now() - due);
          resolve();
        });
      });
      outgoing.end(body);
    });

  async function drive(): Promise<void> {
    while (begun < total) {
      const n = begun;
      begun += 1;
      await wait(Math.max(0, start + (n * 1_000) / RATE - performance.now()));
      await send(n);
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, drive));
  agent.destroy();
  times.sort((a, b) => a - b);
  return times[Math.ceil(times.length * 0.99) - 1] ?? NaN;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] as number;

/** Attackers that this process has begun, none of which outlives it. */
const attackers = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of attackers) child.kill('SIGKILL');
});

async function stopped(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  attackers.delete(child);
}

/** Prints the table. Needs the built program (npm run build). */
export async function benchAttacks(): Promise<void> {
  const key = rsaKey('bench');
  const jwks = await startJwksServer([key]);
  const environment = { JWT_SECRET: null, JWKS_URI: jwks.uri, JWT_AUDIENCE: 'padron', RATE_LIMIT: null };
  const sign = (role: string, subject: string): string =>
    jsonwebtoken.sign({ role }, key.privateKey, {
      algorithm: 'RS256',
      keyid: key.kid,
      audience: 'padron',
      subject,
      expiresIn: '6h',
    });
  const folder = temporaryFolder();
  await padron(['import', linesFile(folder, 'users.ndjson', PEOPLE, userLine)], folder);
  await padron(['import', linesFile(folder, 'personas.ndjson', PEOPLE, personaLine)], folder);
  const server = await servePadron(folder, { environment });
  const { url } = server;

  const own = Array.from({ length: ACCOUNTS }, (_, n) => sign('asistente', `cuenta-${n + 2}`));
  const reader = sign('monitor', 'reader');
  let phone = 600_000_000;
  const load = (n: number): Sent =>
    n % 2 === 0
      ? { method: 'GET', path: `/users/${dniOf(1 + (n % PEOPLE))}`, headers: bearer(reader) }
      : {
          method: 'PUT',
          path: '/api/personas/me',
          headers: { ...bearer(own[n % ACCOUNTS] ?? ''), ...JSON_TYPE },
          body: JSON.stringify({ telefono: String((phone += 1)) }),
        };

  console.log(
    `${RATE} requests a second of others, ${ROUNDS} rounds of ${SECONDS} s, without the attack and with it`,
  );
  console.log(`${'attack'.padEnd(28)} quiet p99, ms   p99 under attack, ms   ratio`);
  await p99(url, load);
  const wanted = process.env['BENCH_ONLY'];
  for (const attack of Object.keys(attacks).filter((name) => !wanted || name.includes(wanted))) {
    const rounds: { quiet: number; attacked: number }[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const quiet = await p99(url, load);
      const account = `attacker ${attack} ${round}`;
      const tokens = {
        asistente: sign('asistente', 'cuenta-1'),
        monitor: sign('monitor', account),
        auditor: sign('auditor', account),
      };
      const order: Order = { attack, url, tokens };
      const child = fork(fileURLToPath(import.meta.url), ['--attack', JSON.stringify(order)], {
        execArgv: ['--import', 'tsx'],
      });
      attackers.add(child);
      await once(child, 'message');
      await wait(LEAD_MS);
      rounds.push({ quiet, attacked: await p99(url, load) });
      await stopped(child);
    }
    const ratio = median(rounds.map(({ quiet, attacked }) => attacked / quiet));
    if (ratio > MAX_RATIO) process.exitCode = 1;
    const cells = (pick: (round: (typeof rounds)[number]) => number): string =>
      rounds.map((round) => pick(round).toFixed(1)).join(' / ');
    console.log(
      [
        attack.padEnd(28),
        cells(({ quiet }) => quiet).padEnd(22),
        cells(({ attacked }) => attacked).padEnd(24),
        ratio.toFixed(2),
        ratio > MAX_RATIO ? `ABOVE ${MAX_RATIO}` : '',
      ].join('  '),
    );
  }
  await server.stop();
  await jwks.stop();
}

/** Attacks until the process ends. */
function attack({ attack: name, url, tokens }: Order): void {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const unknownKey = (n: number): string =>
    `${part({ alg: 'RS256', typ: 'JWT', kid: `made-up-${n}` })}.${part({ sub: 'nobody', exp: 4e9 })}.${'A'.repeat(342)}`;
  attacks[name]?.({ url, tokens, unknownKey });
  process.send?.('begun');
}

const [flag, order = ''] = process.argv.slice(2);
if (flag === '--attack') attack(JSON.parse(order) as Order);
