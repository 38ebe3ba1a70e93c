import { expect } from 'chai';
import { aUser } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const BROKEN_PATHS = [
  ...[
    '/users/%',
    '/users/%E0%A4%A',
    '/users/%zz',
    '/users/%ff',
    '/users/%c0%80',
    '/users/%00',
    '/users/%ed%a0%80',
  ],
  ...['/api/personas/%', '/api/personas/%2e%2e%2f', '/api/personas/__proto__', '/users/constructor'],
  ...[
    '/users/..%2f..%2fetc%2fpasswd',
    '/users/../users/1',
    '//users',
    '/users//',
    '/./users/x',
    '/%2e%2e/users',
  ],
  ...[
    '/users/1;drop',
    '/users/1%0d%0aX-Evil:1',
    '/users/$all',
    '/users/%24all',
    '/users/persona-5',
    '/users/1?a[b]=c',
  ],
  ...[
    '/users?q=%',
    '/users?q=%ff',
    '/users?q[$ne]=1',
    '/users?__proto__=1',
    '/users?limit=%00',
    '/users?cursor=%ff',
  ],
  ...[
    '/users?=',
    '/users?&&&',
    '/users?limit=1#x',
    '/api/personas?cursor=__proto__',
    '/*',
    '/users/*',
    '/openapi.json/%',
  ],
];

describe('A hostile request path', () => {
  const running = serviceForTests();
  const token = tokenOf('admin');

  for (const path of BROKEN_PATHS) {
    it(`never brings the service down: ${path}`, async () => {
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const body = method === 'GET' ? undefined : {};
        const { status } = await running().send(method, path, { token, ...(body ? { body } : {}) });
        expect(status, method).to.be.below(500);
      }
    });
  }

  it('gets a 4xx from the parser even at the maximum length of a header', async () => {
    const long = `/users/${'x'.repeat(8_000)}`;
    expect((await running().send('GET', long, { token })).status).to.equal(404);
    const { host } = new URL(running().service.url);
    const answer = await fetch(`http://${host}/users/${'x'.repeat(40_000)}`);
    expect(answer.status).to.be.within(400, 499);
    expect((await running().send('GET', '/health/live')).status).to.equal(200);
  });

  it('may contain a DNI that looks like a stream, which is treated as a DNI', async () => {
    const dnis = [
      'user-1',
      '$all',
      'persona-5',
      '$ce-user',
      'padron-settings',
      '__proto__',
      'constructor',
      'me',
    ];
    for (const dni of dnis) {
      const user = await aUser(running().service, { dni });
      const read = await running().send('GET', `/users/${encodeURIComponent(dni)}`, { token });
      expect(read.body, dni).to.include({ IdUsuario: user.IdUsuario, dni });
    }
    const names = [...new Set((await running().events()).map(({ stream }) => stream))];
    // Its end, not any part: an HMAC may well have "me" somewhere.
    for (const dni of dnis.filter((one) => one !== 'user-1' && one !== 'padron-settings'))
      expect(
        names.filter((name) => name === dni || name.endsWith(`-${dni}`)),
        dni,
      ).to.deep.equal([]);
  });

  it('appears in no log line, nor does its DNI', async () => {
    const { dni } = await aUser(running().service, { dni: 'LOGGED77X' });
    await running().send('GET', `/users/${dni}`, { token });
    await running().send('GET', '/LOGGED77X', { token });
    await running().send('GET', '/users?q=LOGGED77X', { token });
    const log = running().logLines.join('');
    expect(log).to.contain('"route":"/users/:dni"').and.contain('"route":"none"');
    expect(log).to.not.contain('LOGGED77X').and.not.contain('passwd').and.not.contain('"level":50');
  });

  it('gets a 4xx for a name that nothing can have, wherever a path has a name', async () => {
    const { paths } = (await running().send('GET', '/openapi.json')).body as {
      paths: Record<string, Record<string, { requestBody?: unknown }>>;
    };
    const named = Object.entries(paths).filter(([path]) => path.includes('{'));
    expect(named.length).to.be.greaterThan(20);
    const bodies: Record<string, object> = {
      revert: { revision: 0, reason: 'test' },
      erase: { reason: 'test', confirm: 'test' },
      skip: { reason: 'test' },
    };
    for (const [path, operations] of named) {
      for (const [method, { requestBody }] of Object.entries(operations)) {
        for (const name of ['x', '0', '-1', '1.5', '9007199254740993', 'persona-0', '%00', '%20', '%']) {
          const call = path.replace(/\{\w+\}/, () => name);
          const body = requestBody ? bodies[path.split('/').at(-1) ?? ''] : undefined;
          const headers =
            method === 'get' ? {} : { 'idempotency-key': `${method} ${call}`.replaceAll(' ', '') };
          const query = path.endsWith('/diff') ? '?from=0&to=0' : path.endsWith('/changes') ? '?to=1' : '';
          const answer = await running().send(method.toUpperCase(), `${call}${query}`, {
            token,
            headers,
            ...(body ? { body } : {}),
          });
          expect(answer.status, `${method} ${call}`).to.be.within(400, 422);
        }
      }
    }
  });
});
