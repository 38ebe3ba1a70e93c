import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import jsonwebtoken from 'jsonwebtoken';
import { rsaKey, startJwksServer } from '../test/support/jwksServer.ts';
import { attacks } from './attacks/attacks.ts';
import type { Order } from './attacks/attacker.ts';
import { bearer, JSON_TYPE, type Sent } from './attacks/requests.ts';
import { dniOf, personaLine, userLine } from './support/people.ts';
import { linesFile, padron, servePadron, temporaryFolder } from './support/servers.ts';

/**
 * What one malicious caller costs all others, on the built server with its limits on:
 *
 *   npm run bench -- attacks
 *
 * Measures a steady load of reads and writes by many accounts, without and with an attack in turn. The attacker has its own process and address.
 * Prints both p99 and their ratio, the median of BENCH_ROUNDS rounds. Exit code 1 if a ratio is above MAX_RATIO.
 */
const PEOPLE = 2_000;
const ACCOUNTS = 200;
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 6);
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** Requests per second of the steady load, and its number of connections. */
const RATE = Number(process.env['BENCH_RATE'] ?? 200);
const CONNECTIONS = 16;
const MAX_RATIO = 3;
const ATTACKER = fileURLToPath(new URL('./attacks/attacker.ts', import.meta.url));
/** How long an attack runs before it is measured, in milliseconds. */
const LEAD_MS = 1_000;

/** The steady load: the time of a request counts from the moment for which it was scheduled. Returns the p99 in milliseconds. */
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

/** The running attackers, to be killed with this process. */
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
      const child = fork(ATTACKER, [JSON.stringify(order)]);
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
