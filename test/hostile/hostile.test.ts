import { expect } from 'chai';
import { closeSync, createReadStream, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startCli, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { seededRandom } from '../support/seededRandom.ts';
import { SECRET } from '../support/tokens.ts';
import { exchange } from './exchange.ts';
import { SECRETS } from './hostileParts.ts';
import { createHostileRequests, type HostileRequest, type Operation } from './hostileRequests.ts';

/** HOSTILE_REQUESTS=1000000 is the long form; HOSTILE_SEED repeats a run. */
const REQUESTS = Number(process.env['HOSTILE_REQUESTS'] ?? 3_000);
const SEED = Number(process.env['HOSTILE_SEED'] ?? 20_261_126);
const AT_ONCE = 16;
/** Requests between two lines about how far a long run is. */
const REPORT_EVERY = 50_000;
/** The level of pino at which a line reports a failure. */
const ERROR_LEVEL = 50;
const HOURS = 3_600_000;

interface Description {
  paths: Record<string, Record<string, { responses: object; requestBody?: object }>>;
}

describe('A server that receives random requests', function () {
  this.timeout(8 * HOURS);
  let folder: string;
  let log: string;
  let padron: RunningCli;
  let url: URL;
  let operations: Operation[];
  /** Server errors that are described: `500 POST /users/delete`. */
  let described: Set<string>;

  before(async () => {
    folder = newFolder();
    log = join(folder, 'log');
    const output = openSync(log, 'a');
    padron = startCli(
      ['serve'],
      { DATA_DIR: join(folder, 'data'), PORT: '0', JWT_SECRET: SECRET, RATE_LIMIT: 'off' },
      output,
    );
    closeSync(output);
    const printed = await eventually(
      'the server is ready',
      () => {
        const text = readFileSync(log, 'utf8');
        return text.includes('"msg":"ready"') && text;
      },
      60_000,
    );
    url = new URL(/"url":"([^"]+)"/.exec(printed)?.[1] ?? '');
    const { paths } = (await (await fetch(new URL('/openapi.json', url))).json()) as Description;
    const all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { responses, requestBody = {} }]) => ({
        path,
        method: method.toUpperCase(),
        statuses: Object.keys(responses),
        members: membersIn(requestBody),
      })),
    );
    operations = all;
    described = new Set(
      all.flatMap(({ method, path, statuses }) => statuses.map((status) => `${status} ${method} ${path}`)),
    );
  });
  after(async () => {
    padron.process.kill('SIGTERM');
    await padron.ended;
    removeFolder(folder);
  });

  it(`answers ${REQUESTS} generated requests without a failure, and logs nothing personal`, async () => {
    const next = createHostileRequests(operations, seededRandom(SEED));
    const faults: string[] = [];
    const statuses = new Map<string, number>();
    let sent = 0;
    let slowest = { ms: 0, request: '' };

    async function send(request: HostileRequest): Promise<void> {
      const { status, problemCode, ms } = await exchange(url, request);
      const key = String(status);
      statuses.set(key, (statuses.get(key) ?? 0) + 1);
      const text = request.bytes.toString('latin1', 0, 300);
      if (ms > slowest.ms) slowest = { ms, request: text };
      if (status !== null && status >= 500 && !isDescribed(request, status, problemCode)) {
        faults.push(`${status} ${problemCode ?? ''} to ${JSON.stringify(text)}`);
      }
    }

    /** Whether the answer is one that an operation has, and not for a failure of padron's. */
    function isDescribed(
      { method, bytes }: HostileRequest,
      status: number,
      problemCode: string | null,
    ): boolean {
      if (problemCode === 'internal' || problemCode === 'unavailable') return false;
      const path = bytes.toString('latin1').split(/[ ?]/, 2)[1] ?? '';
      return described.has(`${status} ${method} ${path}`);
    }

    async function sendOneAfterTheOther(): Promise<void> {
      while (sent < REQUESTS && faults.length < 20) {
        sent += 1;
        if (sent % REPORT_EVERY === 0)
          console.log(`      ${sent} sent, slowest ${Math.round(slowest.ms)} ms`);
        await send(next());
      }
    }

    await Promise.all(Array.from({ length: AT_ONCE }, sendOneAfterTheOther));
    if (REQUESTS >= REPORT_EVERY) {
      console.log(
        `      ${JSON.stringify(Object.fromEntries(statuses))}; slowest ${JSON.stringify(slowest)}`,
      );
    }
    expect(faults).to.deep.equal([]);
    expect(await faultsIn(log)).to.deep.equal([]);
    expect((await fetch(new URL('/health/live', url))).status).to.equal(200);
  });
});

/** The names of the members of the body that is described. */
function membersIn(requestBody: { content?: Record<string, { schema: { properties?: object } }> }): string[] {
  return Object.keys(requestBody.content?.['application/json']?.schema.properties ?? {});
}

/** Lines that report a failure or hold what no log may hold, twenty at most. */
async function faultsIn(log: string): Promise<string[]> {
  const secrets = Object.values(SECRETS).flatMap((secret) => [secret, encodeURIComponent(secret)]);
  const faults: string[] = [];
  for await (const line of createInterface({ input: createReadStream(log) })) {
    const { level } = JSON.parse(line) as { level: number };
    const hasSecret = secrets.some((secret) => line.includes(secret));
    if ((level >= ERROR_LEVEL || hasSecret) && faults.length < 20) faults.push(line);
  }
  return faults;
}
