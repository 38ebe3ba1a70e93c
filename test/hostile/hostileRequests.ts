import type { Random } from '../support/seededRandom.ts';
import {
  BROKEN_BODIES,
  HEADERS,
  JSON_VALUES,
  MEMBER_NAMES,
  METHODS,
  ORDINARY,
  ORDINARY_MEMBERS,
  PARAMETERS,
  SECRETS,
  TAME_HEADERS,
  TAME_QUERIES,
  TYPES,
  VALUES,
} from './hostileParts.ts';
import { signedText, tokenOf, tokenWith, unsignedToken } from '../support/tokens.ts';

/** One request as it goes over the wire. */
export interface HostileRequest {
  method: string;
  bytes: Buffer;
  /** Whether the client goes away in the middle of it. */
  isAbandoned: boolean;
}

export interface Operation {
  method: string;
  /** The template of the path. */
  path: string;
  /** The members that its body may have. */
  members: readonly string[];
}

/** Seldom so many of the requests are cut off. */
const ABANDONED_SHARE = 0.01;
/** Requests that are well-formed, but for some of their values: they get past the first checks. */
const TAME_SHARE = 0.4;
/** Bodies of registrations with a password that is hashed take a quarter of a second each. */
const HASHED_SHARE = 0.002;

/** Makes requests up that follow from `random`: each is like one that an operation takes, with some of its parts replaced. */
export function createHostileRequests(
  operations: readonly Operation[],
  random: Random,
): () => HostileRequest {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const chance = (share: number): boolean => random() < share;
  const tokens = someTokens();

  function pathOf({ path }: Operation): string {
    const filled = path.replace(/\{\w+\}|:\w+/g, () => encoded(pick(chance(0.4) ? ORDINARY : VALUES)));
    if (!chance(0.15)) return filled;
    return pick([
      filled.toUpperCase(),
      `${filled}/`,
      `/${filled}`,
      `${filled}/..%2f..`,
      `${filled}%00`,
      `${filled}%ff`,
      `http://evil.example${filled}`,
      `${filled};a=b`,
      `${filled}#x`,
      '*',
      '/',
      `${filled}/${'a'.repeat(9_000)}`,
      filled.slice(1),
      `${filled} HTTP/1.1 `,
    ]);
  }

  const encoded = (value: string): string =>
    chance(0.7)
      ? encodeURIComponent(value.toWellFormed())
      : pick(['%', '%zz', '%e0%a4%a', '%ed%a0%80', '%c0%80', '%2e%2e', '%2F', '$all', '%0d%0aX-Evil:1']);

  function query(): string {
    const count = Math.floor(random() * 4);
    if (count === 0) return '';
    const pairs = Array.from({ length: count }, () => `${pick(PARAMETERS)}=${encoded(pick(VALUES))}`);
    return `?${pairs.join(pick(['&', '&', '&', ';', '&&']))}`;
  }

  function headers(hasBody: boolean): string[] {
    const lines = [
      pick(['Host: padron', 'Host: padron', 'Host: padron', 'Host: ', 'Host: a\r\nHost: b', '']),
    ];
    if (chance(0.85)) lines.push(`Authorization: ${pick(tokens)}`);
    if (hasBody) lines.push(`Content-Type: ${chance(0.7) ? 'application/json' : pick(TYPES)}`);
    while (chance(0.35)) lines.push(pick(HEADERS));
    return lines.filter((line) => line !== '');
  }

  function member(name: string, ordinaryShare = 0.5): unknown {
    if (name === 'password') {
      return chance(HASHED_SHARE)
        ? SECRETS.password
        : pick([7, null, `${SECRETS.password}${'x'.repeat(80)}`]);
    }
    return chance(ordinaryShare) ? (ORDINARY_MEMBERS[name] ?? pick(ORDINARY)) : pick(JSON_VALUES);
  }

  function body(): Buffer {
    if (chance(0.2)) return Buffer.from(pick(BROKEN_BODIES));
    const all = Object.keys(ORDINARY_MEMBERS);
    const names = chance(0.3) ? all : all.filter(() => chance(0.3));
    const entries = names.map((name) => [name, member(name)]);
    while (chance(0.2)) entries.push([pick(MEMBER_NAMES), pick(JSON_VALUES)]);
    const text = JSON.stringify(Object.fromEntries(entries));
    return Buffer.from(chance(0.05) ? text.slice(0, -1) : text);
  }

  /** The body with the headers that say how long it is. */
  function framed(content: Buffer): [lines: string[], content: Buffer] {
    if (chance(0.85)) return [[`Content-Length: ${content.length}`], content];
    const chunked = Buffer.concat([
      Buffer.from(`${content.length.toString(16)}\r\n`),
      content,
      Buffer.from('\r\n0\r\n\r\n'),
    ]);
    return pick<[string[], Buffer]>([
      [['Transfer-Encoding: chunked'], chunked],
      [['Transfer-Encoding: gzip, chunked'], chunked],
      [['Transfer-Encoding: chunked', `Content-Length: ${content.length}`], chunked],
      [['Transfer-Encoding: chunked'], Buffer.from('zz\r\n')],
      [[`Content-Length: ${content.length}`, 'Content-Length: 1'], content],
      [['Content-Length: -1'], content],
      [['Content-Length: 1e3'], content],
      [[`Content-Length: ${content.length}`, 'Content-Encoding: gzip'], content],
    ]);
  }

  function tame({ method, path, members }: Operation): HostileRequest {
    const filled = path.replace(/\{\w+\}|:\w+/g, () => encodeURIComponent(pick(ORDINARY)));
    const asked = method === 'GET' && chance(0.3) ? `?${pick(TAME_QUERIES)}` : '';
    const entries = members.map((name) => [name, member(name, 0.95)]);
    const content = Buffer.from(members.length > 0 ? JSON.stringify(Object.fromEntries(entries)) : '');
    const lines = [
      `${method} ${filled}${asked} HTTP/1.1`,
      'Host: padron',
      `Authorization: ${pick(tokens.slice(0, GOOD_TOKENS))}`,
      ...(content.length > 0 ? ['Content-Type: application/json', `Content-Length: ${content.length}`] : []),
      ...(chance(0.2) ? [pick(TAME_HEADERS)] : []),
    ];
    const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), content]);
    return { method, bytes, isAbandoned: false };
  }

  return () => {
    const operation = pick(operations);
    if (chance(TAME_SHARE)) return tame(operation);
    const method = chance(0.85) ? operation.method : pick(METHODS);
    const hasBody = chance(['POST', 'PUT', 'PATCH'].includes(method) ? 0.9 : 0.05);
    const [lines, content] = hasBody ? framed(body()) : [[], Buffer.alloc(0)];
    const version = chance(0.97) ? 'HTTP/1.1' : pick(['HTTP/1.0', 'HTTP/3.0', 'HTTP/1.1x', '']);
    const head = [
      `${method} ${pathOf(operation)}${query()} ${version}`,
      ...headers(hasBody),
      ...lines,
      '',
      '',
    ].join('\r\n');
    const bytes = Buffer.concat([Buffer.from(head, chance(0.5) ? 'utf8' : 'latin1'), content]);
    const isAbandoned = chance(ABANDONED_SHARE);
    return { method, isAbandoned, bytes: isAbandoned ? bytes.subarray(0, bytes.length >> 1) : bytes };
  };
}

/** The first of them are good. */
const GOOD_TOKENS = 5;

function someTokens(): string[] {
  const good = ['admin', 'monitor', 'auditor', 'asistente', 'socio'].map((role) =>
    tokenOf(role, `${role}-1`),
  );
  const admin = good[0] ?? '';
  const hostile = [
    tokenWith({ sub: 'a', role: 'admin', exp: 1 }),
    tokenWith({ sub: 'a', role: ['admin'] }),
    tokenWith({ role: 'admin' }),
    tokenWith({ sub: 'a', role: 'admin' }, { secret: 'another secret, long enough for HS256, too' }),
    tokenWith({ sub: `\u0000${SECRETS.name}`.slice(0, 1), role: 'admin' }),
    unsignedToken({ alg: 'none' }, { sub: 'a', role: 'admin' }),
    unsignedToken({ alg: 'RS256', kid: '../../etc/passwd' }, { sub: 'a', role: 'admin' }, 'AAAA'),
    signedText('{"sub":"a","role":"admin","exp":1e999}'),
    signedText('not JSON'),
    `${admin.slice(0, -3)}AAA`,
    `${admin}.${admin}`,
    admin.slice(0, 40),
    `eyJ${'a'.repeat(7_000)}`,
  ];
  const others = [
    'Basic YWRtaW46Y2hhbmdlaXQ=',
    'Bearer',
    'Bearer ',
    `bearer ${admin}`,
    `Bearer  ${admin}`,
    admin,
  ];
  const bearers = [...good, ...good, ...good, ...hostile].map((token) => `Bearer ${token}`);
  return [...bearers, ...others];
}
