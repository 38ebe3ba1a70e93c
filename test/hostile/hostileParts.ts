/** What hostile requests are made up of: ordinary values, and those that no client should send. */

/** What no log may hold: parts of personal data, of passwords and their hashes, and of tokens. */
export const SECRETS = {
  dni: '45678912C',
  name: 'Zacarias-Secreto',
  email: 'secreto@ejemplo.es',
  password: 'Clave-Secreta-90',
  hash: '$2b$12$',
  token: 'eyJ',
};

export const METHODS = [
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

export const ORDINARY = [
  SECRETS.dni,
  '1',
  '2',
  'users',
  'personas',
  'users-v3-1',
  'verify-v1-1',
  'users-1.1',
  '0',
];

export const VALUES = [
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

export const TAME_QUERIES = [
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

export const TAME_HEADERS = [
  ...['Accept: text/csv', 'Accept: application/x-ndjson', 'If-Match: "1.0"', 'If-None-Match: "1.0"'],
  ...['Idempotency-Key: key-1', 'Idempotency-Key: key-2', 'Idempotency-Key: key-3', 'X-Padron-Position: 1'],
];

export const PARAMETERS = [
  ...['q', 'limit', 'cursor', 'order', 'from', 'to', 'type', 'actor', 'subject', 'correlation', 'field'],
  ...['at', 'revision', 'view', 'state', 'Q', 'q[]', 'q[$ne]', '__proto__', 'constructor', 'limit', ''],
];

export const TYPES = [
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

export const HEADERS = [
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

export const ORDINARY_MEMBERS: Record<string, unknown> = {
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

export const MEMBER_NAMES = [
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

export const JSON_VALUES: unknown[] = [
  ...[null, true, 0, -0, -1, 1.5, 1e308, 2 ** 53, '', ' ', 'x'.repeat(2_001), '\u0000', '\ud800', '\u202e'],
  ...[[], [[]], [SECRETS.dni], {}, { $ne: null }, { toString: 1 }, SECRETS.name, SECRETS.email, SECRETS.dni],
  ...['2026-02-30', '2026-11-26', 'javascript:alert(1)', 'http://[', '=cmd|x', '\ufeffa', 'admin', 'monitor'],
];

export const BROKEN_BODIES: (string | Buffer)[] = [
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
