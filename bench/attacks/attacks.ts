import { Agent, request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { userLine } from '../support/people.ts';
import { bearer, JSON_TYPE, type Sent } from './requests.ts';

/** The attacker's own address. */
const ADDRESS = '127.0.0.2';

export interface Attacker {
  url: string;
  /** Tokens of one account for each role. */
  tokens: Record<'asistente' | 'monitor' | 'auditor', string>;
  /** A token whose key id does not exist, with an invalid signature. */
  unknownKey(n: number): string;
}

/** 61 KB of members with one blank each. */
const BLANK_MEMBERS = `{${Array.from({ length: 6_300 }, (_, n) => `"m${n}":" "`).join()}}`;

/** 15 KB of one name without a value, on a route that is open to all. */
const MANY_NAMES = `/health/live?${'a&'.repeat(7_500)}`;

/** Sends the next request as soon as the last one is answered, on each connection. Unless `isRead`, reads no answers. */
function flood({ url }: Attacker, connections: number, next: (n: number) => Sent, isRead = true): void {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  let n = 0;
  const send = (): void => {
    const { method, path, headers = {}, body } = next((n += 1));
    const outgoing = httpRequest(`${url}${path}`, {
      agent,
      method,
      headers,
      localAddress: ADDRESS,
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

/** Keeps connections open that each send `begin`, and then `more` twice a second. */
function dribble({ url }: Attacker, connections: number, begin: string, more: string): void {
  const { hostname, port } = new URL(url);
  const open = (): void => {
    const socket: Socket = connect({
      host: hostname,
      port: Number(port),
      localAddress: ADDRESS,
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

/** The attacks by name. Each runs until its process is killed. */
export const attacks: Record<string, (attacker: Attacker) => void> = {
  'bodies of blank members': (attacker) => {
    const headers = { ...bearer(attacker.tokens.asistente), ...JSON_TYPE };
    flood(attacker, 8, () => ({ method: 'PUT', path: '/api/personas/me', headers, body: BLANK_MEMBERS }));
  },
  'unknown key ids': (attacker) => {
    flood(attacker, 8, (n) => ({ method: 'GET', path: '/users', headers: bearer(attacker.unknownKey(n)) }));
  },
  'queries of thousands of names': (attacker) => {
    flood(attacker, 8, () => ({ method: 'GET', path: MANY_NAMES }));
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
