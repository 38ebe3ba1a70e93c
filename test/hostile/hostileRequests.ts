import type { Random } from '../support/seededRandom.ts';
import { signedText, tokenOf, tokenWith, unsignedToken } from '../support/tokens.ts';

/** What no log may hold: parts of personal data, of passwords and their hashes, and of tokens. */
export const SECRETS = {
  dni: '45678912C',
  name: 'Zacarias-Secreto',
  email: 'secreto@ejemplo.es',
  password: 'Clave-Secreta-90',
  hash: '$2b$12$',
  token: 'eyJ',
};

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

const METHODS = [
  'GET',
  'HEAD',
  'OPTIONS',
  'DELETE',
  'PUT',
  'POST',
  'PATCH',
  'TRACE',
  'QUERY',
  'get',
  'G\u0000T',
  '',
];

const ORDINARY = [SECRETS.dni, '1', '2', 'users', 'personas', 'users-v2-1', 'verify-v1-1', 'users-1.1', '0'];

const VALUES = [
  ...ORDINARY,
  ...[SECRETS.name, SECRETS.email, SECRETS.password, `${SECRETS.hash}${'a'.repeat(53)}`],
  ...['', ' ', '-1', '1e9', '9007199254740993', '99999999999999999999', 'NaN', '0x10', '1.5', 'true', 'null'],
  ...[
    '2026-02-30',
    '2026-11-26T08:00:00Z',
    '+275760-09-13T00:00:00.001Z',
    '0000-00-00',
    '9999-12-31T23:59:60Z',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '{"$ne":null}',
    '[object Object]',
    "' OR 1=1 --",
    '%',
    '*',
    '.*',
    '((',
  ],
  ...['a'.repeat(201), '\u{1f600}'.repeat(60), '\u202e', '\u0000', '\ud800', 'ñ', 'e\u0301', 'İ', 'ﬀ'],
  ...[
    'eyJhIjoxfQ.AAAA',
    'AAAA'.repeat(300),
    'desc',
    'asc',
    'PersonaRegistered',
    'persona-1',
    'user-0',
    'telefono',
  ],
];

const TAME_QUERIES = [
  ...[
    'limit=2',
    'limit=1000',
    'q=secreta',
    'q=zacarias%20nadie',
    'order=asc',
    'at=2999-01-01T00:00:00Z',
    'revision=0',
  ],
  ...[
    'from=0&to=0',
    'subject=user-1',
    'actor=admin-1',
    'field=telefono&type=UserEdited',
    'from=2026-01-01T00:00:00Z',
  ],
];

const TAME_HEADERS = [
  ...['Accept: text/csv', 'Accept: application/x-ndjson', 'If-Match: "1.0"', 'If-None-Match: "1.0"'],
  ...['Idempotency-Key: key-1', 'Idempotency-Key: key-2', 'Idempotency-Key: key-3', 'X-Padron-Position: 1'],
];

const PARAMETERS = [
  ...['q', 'limit', 'cursor', 'order', 'from', 'to', 'type', 'actor', 'subject', 'correlation', 'field'],
  ...['at', 'revision', 'view', 'state', 'Q', 'q[]', 'q[$ne]', '__proto__', 'constructor', 'limit', ''],
];

const TYPES = [
  ...[
    'application/json; charset=utf-8',
    'application/json; charset=latin1',
    'APPLICATION/JSON',
    'text/plain',
  ],
  ...[
    'application/json; charset',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    '',
    'x',
  ],
];

const HEADERS = [
  ...['text/csv', 'text/csv; separator=tab', 'application/x-ndjson', 'text/event-stream', '*/*;q=0', 'x'].map(
    (type) => `Accept: ${type}`,
  ),
  ...['"0"', '"1.0"', 'W/"1.1"', '*', '"', '""', '"a", "b"', 'x'.repeat(3_000)].flatMap((tag) => [
    `If-Match: ${tag}`,
    `If-None-Match: ${tag}`,
  ]),
  ...['key-1', '', 'x'.repeat(300), 'ñ', '"a"', '\u0001', '__proto__'].map(
    (key) => `Idempotency-Key: ${key}`,
  ),
  ...['0', '1', '-1', '18446744073709551616', 'x', '', '1, 2', '9'.repeat(500)].map(
    (position) => `X-Padron-Position: ${position}`,
  ),
  ...['a b', '\u0001', 'x'.repeat(200), '{}', '"'].flatMap((id) => [
    `X-Request-Id: ${id}`,
    `X-Correlation-Id: ${id}`,
  ]),
  ...['100-continue', 'something'].map((what) => `Expect: ${what}`),
  ...['keep-alive, Upgrade', 'close', 'x'].map((what) => `Connection: ${what}`),
  ...['Upgrade: h2c', 'Origin: https://evil.example', 'Range: bytes=0-1', `Cookie: a=${SECRETS.password}`],
  ...[
    'X-Forwarded-For: 1.2.3.4, ::1',
    'X-HTTP-Method-Override: DELETE',
    'Accept-Encoding: gzip',
    'TE: trailers',
  ],
  ...[
    ' : x',
    'no colon',
    'X-A: \u0000',
    `X-Long: ${'x'.repeat(8_000)}`,
    'Content-Length: 3',
    'traceparent: 00-x',
  ],
];

const ORDINARY_MEMBERS: Record<string, unknown> = {
  dni: SECRETS.dni,
  nombre: SECRETS.name,
  nombres: SECRETS.name,
  apellidos: 'Apellido',
  telefono: '600000000',
  foto_url: null,
  cuenta: 'asistente-1',
  direccion: 'Calle Secreta 1',
  CP: '46001',
  provincia: 'Valencia',
  poblacion: 'Valencia',
  pais: 'Spain',
  email: SECRETS.email,
  password: SECRETS.password,
  fechaalta: '2024-03-15',
  fechabaja: null,
  formadepago: 'Tarjeta',
  cuota: 25,
  categoria: 'socio',
  socio: 'Socio',
  revision: 0,
  reason: 'a reason',
};

const MEMBER_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'id',
  'IdUsuario',
  '',
  '\u0000',
  'a/b~c',
  '$where',
];

const JSON_VALUES: unknown[] = [
  ...[null, true, 0, -0, -1, 1.5, 1e308, 2 ** 53, '', ' ', 'x'.repeat(2_001), '\u0000', '\ud800', '\u202e'],
  ...[[], [[]], [SECRETS.dni], {}, { $ne: null }, { toString: 1 }, SECRETS.name, SECRETS.email, SECRETS.dni],
  ...['2026-02-30', '2026-11-26', 'javascript:alert(1)', 'http://[', '=cmd|x', '\ufeffa', 'admin', 'monitor'],
];

const BROKEN_BODIES: (string | Buffer)[] = [
  ...[
    '',
    ' ',
    'null',
    '7',
    '"text"',
    '[]',
    '{',
    '{"a":',
    '{"dni":1e999}',
    '{"__proto__":{"dni":"1"}}',
    '\ufeff{}',
  ],
  '['.repeat(20_000) + ']'.repeat(20_000),
  '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000),
  `{${Array.from({ length: 3_000 }, (_, n) => `"m${n}":" "`).join()}}`,
  `{"nombres":"${'x'.repeat(70_000)}"}`,
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
  Buffer.from('\ufeff{"dni":"1"}', 'utf16le'),
];
