import { expect } from 'chai';
import { gzipSync } from 'node:zlib';
import { aPersona, editBody, personaBody, userBody } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const SECRET_TEXT = 'Zacarías-Secreto-90';

/** Values that no member takes, as JSON texts. */
const VALUES = [
  ...[
    '{"$ne":null}',
    '{"$gt":""}',
    '{"toString":1}',
    '{"__proto__":{"admin":true}}',
    '[]',
    '["a"]',
    '[[[]]]',
    'true',
  ],
  ...['1e999', '-1e999', '1e-999', '9007199254740993', '-1', '0.1', '"\\u0000"', '"\\ud800"', '"a\\udfffb"'],
  ...[`"${'x'.repeat(2_001)}"`, `"a${'\u202e'.repeat(300)}"`, '"\\u0007"'],
];

/** Bodies that are no object of the right kind, whatever the route. */
const BODIES: [name: string, body: string | Buffer][] = [
  ['null', 'null'],
  ['a number', '7'],
  ['a text', '"text"'],
  ['a list', '[{"dni":"1"}]'],
  ['deep lists', '['.repeat(30_000) + ']'.repeat(30_000)],
  ['deep objects', '{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000)],
  ['deep lists in a member', `{"nombres":${'['.repeat(30_000)}${']'.repeat(30_000)}}`],
  ['an own __proto__', '{"__proto__":{"dni":"1","nombres":"x"}}'],
  ['a constructor', '{"constructor":{"prototype":{"admin":true}}}'],
  ['thousands of members', `{${Array.from({ length: 5_000 }, (_, index) => `"m${index}":1`).join()}}`],
  ['members named by broken text', '{"\\ud800":1,"\\u0000":2,"a/b~c":3}'],
  ['twice the same member', `{"dni":{"$ne":1},"dni":["${SECRET_TEXT}"]}`],
  ['1 MB', `{"nombres":"${'x'.repeat(1_000_000)}"}`],
  ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
  ['an overlong NUL', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc0, 0x80, 0x22, 0x7d])],
  ['UTF-16', Buffer.from('\ufeff{"dni":"1"}', 'utf16le')],
  ['a byte order mark only', '\ufeff'],
];

describe('A hostile request body', () => {
  const running = serviceForTests();
  let routes: [method: string, path: string, token: string, valid: Record<string, unknown>][];

  before(async () => {
    const { cuenta } = await aPersona(running().service);
    const admin = tokenOf('admin');
    routes = [
      [
        'PUT',
        '/api/personas/me',
        tokenOf('asistente', cuenta),
        { nombres: 'Ana', telefono: '1', dni: 'H1', foto_url: null },
      ],
      ['POST', '/api/personas', admin, { ...personaBody() }],
      ['POST', '/users/edit', admin, { ...editBody() }],
      ['POST', '/users', admin, { ...userBody() }],
      ['POST', '/users/delete', admin, { dni: 'H2' }],
    ];
  });

  /** Sends it with and without a Content-Length: it has to be refused, and to store nothing. */
  async function expectRefused(body: string | Buffer, headers: Record<string, string> = {}): Promise<void> {
    const { stored } = await running().storedBy(async () => {
      for (const [method, path, token] of routes) {
        for (const chunked of [false, true]) {
          const { status } = await running().send(method, path, { token, body, headers, chunked });
          expect(status, `${method} ${path}`).to.be.within(400, 422);
        }
      }
    });
    expect(stored).to.deep.equal([]);
  }

  for (const [name, body] of BODIES) {
    it(`is refused: ${name}`, async () => {
      await expectRefused(body);
    });
  }

  it('is refused with a wrong value for any member of any route', async () => {
    const { stored } = await running().storedBy(async () => {
      for (const [method, path, token, valid] of routes) {
        const bodies = Object.keys(valid).flatMap((member) =>
          VALUES.map(
            (value) =>
              `{${Object.entries(valid)
                .map(
                  ([name, right]) =>
                    `${JSON.stringify(name)}:${name === member ? value : JSON.stringify(right)}`,
                )
                .join()}}`,
          ),
        );
        const answers = await Promise.all(
          bodies.map((body) => running().send(method, path, { token, body })),
        );
        answers.forEach(({ status, body: answer }, index) => {
          const isUnknownUser =
            status === 500 && (answer as { message?: unknown }).message === 'User not found';
          // Some are right for some members: a number that is a fee, or so small that it is 0.
          const isRight = /"(cuota|socio)":(0\.1|1e-999|9007199254740993)/.test(bodies[index] ?? '');
          expect(
            status === 400 || isUnknownUser || (isRight && [201, 409].includes(status)),
            bodies[index],
          ).to.equal(true);
        });
      }
    });
    const subjects = stored.filter(({ stream }) => /^persona-/.test(stream));
    expect(subjects).to.deep.equal([]);
  });

  it('is refused without being unpacked when it is compressed (415)', async () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, gzip', 'unknown']) {
      await expectRefused(gzipSync('{"nombres":"Ana"}'), { 'content-encoding': encoding });
    }
  });

  it('changes no prototype, and leaves no stack trace, name or token in the log', async () => {
    expect(({} as { admin?: unknown }).admin).to.equal(undefined);
    const log = running().logLines.join('');
    expect(log).to.contain('/users/edit');
    for (const [, , token] of routes) expect(log).to.not.contain(token.slice(-20));
    expect(log).to.not.match(/ {4}at |"stack"|node_modules|\$2b\$/);
    expect(log).to.not.contain(SECRET_TEXT);
    expect(log).to.not.contain('"level":50');
  });
});
