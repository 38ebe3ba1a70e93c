import { expect } from 'chai';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { PersonaRecord, UserRecord } from '../../src/events/types.ts';
import { runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { everyRoute } from '../support/everyRoute.ts';
import { itLong } from '../support/long.ts';
import { aPersona, aUser } from '../support/people.ts';
import { startTestService, type TestService } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

const FOLDER = new URL('../fixtures/outside/', import.meta.url);
const COMMANDS = [
  'serve',
  'token',
  'import',
  'undo',
  'history',
  'export',
  'erase',
  'erasures',
  'roll',
  'projections',
  'rebuild',
  'verify',
  'copy',
  'keys',
  'doctor',
] as const;

/** The embedded stores only: positions, and with them the answers, are others on other stores. */
const isEmbedded = (process.env['TEST_STORES'] ?? 'sqlite+sqlite') === 'sqlite+sqlite';
const embeddedOnly = isEmbedded ? describe : describe.skip;

/** Compares with the recorded text, or records it where UPDATE_FIXTURES is set: then `git diff` shows what changed outside. */
function expectAsRecorded(name: string, text: string): void {
  const file = new URL(name, FOLDER);
  if (process.env['UPDATE_FIXTURES']) {
    mkdirSync(new URL('.', file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(existsSync(file), `${name} has been recorded (UPDATE_FIXTURES=1)`).to.equal(true);
  expect(text).to.equal(readFileSync(file, 'utf8'));
}

const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Ids and instants differ from run to run; the rest of an answer does not. */
const withoutChance = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>')
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<instant>')
      .replace(/"4\d{7}X"/g, '"<dni>"')
      .replace(/\$2b\$\d\d\$[./\w]{53}/g, '<hash>')
      .replace(/"(next|url)":"[^"]+"/g, '"$1":"<text>"')
      .replace(/"(\w*[Ss]econds?\w*|percent|share|lag)":[\d.]+/g, '"$1":"<number>"'),
  );

/** Jobs that began in the same millisecond come in any order. */
const inOrder = (body: unknown): unknown => {
  const { jobs } = (body ?? {}) as { jobs?: { id: string }[] };
  return Array.isArray(jobs)
    ? { ...(body as object), jobs: jobs.sort((a, b) => (a.id < b.id ? -1 : 1)) }
    : body;
};

describe('The public interface, as recorded', () => {
  it('has these commands, and no others', async () => {
    const { stdout } = await runCli(['--help']);
    const listed = (stdout.split('Commands:')[1] ?? '').matchAll(/^ {2}(\w+) /gm);
    expect([...listed].map(([, name]) => name).filter((name) => name !== 'help')).to.deep.equal([
      ...COMMANDS,
    ]);
  });

  for (const command of COMMANDS) {
    // Each costs a start of the program: elsewhere only one with subcommands is tried.
    (command === 'projections' ? it : itLong)(`padron ${command} --help`, async () => {
      const { stdout } = await runCli([command, '--help']);
      expectAsRecorded(`help/${command}.txt`, stdout);
    });
  }
});

embeddedOnly('What the outside of the embedded service sees, as recorded', function () {
  this.timeout(30_000);
  let service: TestService;
  const running = (): TestService => service;
  let person: PersonaRecord & { cuenta: string };
  let user: UserRecord;

  beforeEach(async () => {
    service = await startTestService();
    person = await aPersona(service.service, { dni: 'FROZEN-1', cuenta: 'frozen' });
    user = await aUser(service.service, { dni: 'FROZEN-2' });
    const position = (await service.events()).at(-1)?.position ?? 0n;
    const headers = { 'x-padron-position': String(position) };
    for (const list of ['/api/personas', '/users', '/audit']) {
      await eventually(`${list} has caught up`, async () => {
        const answer = await service.send('GET', list, { token: tokenOf('admin'), headers });
        return answer.status === 200 && answer.headers['x-padron-behind'] === undefined;
      });
    }
  });
  afterEach(async () => {
    await service.stop();
  });

  it('/openapi.json', async () => {
    expectAsRecorded('openapi.json', asJson((await running().send('GET', '/openapi.json')).body));
  });

  it('the names and labels of /metrics', async () => {
    const { body } = await running().send('GET', '/metrics', { token: tokenOf('admin') });
    const described = String(body)
      .split('\n')
      .filter((line) => line.startsWith('# TYPE'));
    expectAsRecorded('metrics.txt', `${described.sort().join('\n')}\n`);
  });

  it('one answer of each route', async () => {
    const answers: Record<string, unknown> = {};
    for (const { method, route, path, token, body } of everyRoute(person, user, 'no-such-job')) {
      const answer = await running().send(method, path, { token, ...(body ? { body } : {}) });
      const query = path.includes('?') ? `?${path.split('?')[1] ?? ''}` : '';
      answers[`${method} ${route}${query}`] = {
        status: answer.status,
        body: withoutChance(inOrder(answer.body)),
      };
    }
    expectAsRecorded('answers.json', asJson(answers));
  });

  it('one refusal of each kind in each dialect', async () => {
    const [admin, own] = [tokenOf('admin'), tokenOf('asistente', 'frozen')];
    const refusals: [string, string, { token?: string; body?: unknown; headers?: Record<string, string> }][] =
      [
        ['PUT', '/api/personas/me', {}],
        ['PUT', '/api/personas/me', { token: own, body: { telefono: 7, foto_url: 'x', dni: '' } }],
        ['PUT', '/api/personas/me', { token: own, body: '{' }],
        ['PUT', '/api/personas/me', { token: tokenOf('asistente', 'nobody'), body: { telefono: '1' } }],
        [
          'PUT',
          '/api/personas/me',
          { token: own, body: { telefono: '1' }, headers: { 'if-match': '"1.99"' } },
        ],
        ['POST', '/api/personas', { token: own, body: {} }],
        ['POST', '/users/edit', {}],
        ['POST', '/users/edit', { token: own, body: {} }],
        ['POST', '/users/edit', { token: admin, body: { dni: 'FROZEN-2' } }],
        ['POST', '/users/edit', { token: admin, body: 'x', headers: { 'content-type': 'text/plain' } }],
        ['GET', '/users/NOBODY', { token: admin }],
        ['GET', '/users?limit=0', { token: admin }],
        ['GET', '/audit?limit=x&what=1', { token: admin }],
        ['GET', '/audit', { token: own }],
        ['GET', '/nowhere', { token: admin }],
        ['PATCH', '/users/edit', { token: admin }],
      ];
    const answers: unknown[] = [];
    for (const [method, path, call] of refusals) {
      const { status, headers, body } = await running().send(method, path, call);
      const code = headers['problem-code'] ?? null;
      answers.push({ request: `${method} ${path}`, status, code, body: withoutChance(body) });
    }
    expectAsRecorded('refusals.json', asJson(answers));
  });
});
