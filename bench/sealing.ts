import jsonwebtoken from 'jsonwebtoken';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/platform/clock.ts';
import { openSqlite } from '../src/platform/sqlite/sqlite.ts';
import { buildInThisThread } from '../src/projections/rebuild/buildGeneration.ts';
import { openSqliteReadModel } from '../src/projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews } from '../src/projections/views/allViews.ts';
import { openEventStore } from '../src/service/stores.ts';
import { bareLoop, settingsOf } from './support/bareSealed.ts';
import { bareSockets, type Request } from './support/load.ts';
import { editOf, personaLine, userLine } from './support/people.ts';
import { linesFile, padron, SECRET, servePadron, temporaryFolder } from './support/servers.ts';

/** What sealing costs: the same work on a log in clear text and on a sealed one, in turn, in one run. */

const LINES = Number(process.env['BENCH_LINES'] ?? 10_000);
const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 32;
const EDITS_EACH = 6;
/** Goals for sealed work, as a share of work in clear text, or of the bare loop that decrypts. */
const GOALS: Record<string, number> = { write: 0.9, import: 0.85, personas: 0.6, users: 0.6 };

type Mode = 'clear' | 'sealed';
const MODES: readonly Mode[] = ['clear', 'sealed'];

/** Rates per second of one kind of work, several rounds of each mode. */
type Rates = Record<Mode, number[]>;
const noRates = (): Rates => ({ clear: [], sealed: [] });

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? NaN;

const row = (name: string, one: number, other: number, goal?: number): void => {
  const ratio = one / other;
  const verdict = goal === undefined ? '' : ratio >= goal ? `reaches ${goal}` : `BELOW ${goal}`;
  console.log(
    `${name.padEnd(28)} ${one.toFixed(0).padStart(9)} ${other.toFixed(0).padStart(9)} ${ratio.toFixed(2).padStart(6)}  ${verdict}`,
  );
};

/** Prints the table. */
export async function benchSealing(): Promise<void> {
  const folder = temporaryFolder();
  const users = linesFile(folder, 'users.ndjson', LINES, userLine);
  const personas = linesFile(folder, 'personas.ndjson', LINES, personaLine);
  console.log(`Sealing: ${LINES} users and as many persons, ${CONNECTIONS} connections, median of ${ROUNDS}`);
  console.log('work                            sealed     other  ratio');

  const imports = noRates();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const mode of MODES) {
      process.env['SEALING'] = mode === 'clear' ? 'off' : 'on';
      const start = performance.now();
      await padron(['import', users], join(folder, `${mode}-${round}`));
      imports[mode].push((LINES / (performance.now() - start)) * 1_000);
    }
  }
  row('import, lines', median(imports.sealed), median(imports.clear), GOALS['import']);

  for (const mode of MODES) {
    process.env['SEALING'] = mode === 'clear' ? 'off' : 'on';
    await padron(['import', personas], join(folder, `${mode}-0`));
  }
  await compareRebuilds(folder, 'one event a person');
  const { writes, reads } = await overHttp(folder);
  row('POST /users/edit', median(writes.sealed), median(writes.clear), GOALS['write']);
  row('GET /api/personas/:id', median(reads.sealed), median(reads.clear));

  await compareRebuilds(folder, 'and its edits');
}

/** Rebuilds both views over the logs in clear and sealed, and prints each beside the bare loops. */
async function compareRebuilds(folder: string, log: string): Promise<void> {
  for (const [name, streams] of Object.entries(STREAMS)) {
    const rebuilt = noRates();
    const bare: number[] = [];
    const lookingUp: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await bareLoop(join(folder, 'sealed-0'), streams, 'keys in memory'));
      lookingUp.push(await bareLoop(join(folder, 'sealed-0'), streams, 'keys in the key store'));
      for (const mode of MODES) rebuilt[mode].push(await rebuild(join(folder, `${mode}-0`), name));
    }
    row(`rebuild of ${name}, ${log}`, median(rebuilt.sealed), median(rebuilt.clear));
    row(`  against the bare loop`, median(rebuilt.sealed), median(bare), GOALS[name]);
    row(`  the same that looks keys up`, median(rebuilt.sealed), median(lookingUp));
  }
}

/** The streams whose events a view folds: rates of rebuilds count only these events. */
const STREAMS: Record<string, string> = { personas: 'persona-*', users: 'user-*' };

/** Runs both servers and loads them in turn, so that other work on the machine affects both. */
async function overHttp(folder: string): Promise<{ writes: Rates; reads: Rates }> {
  const token = jsonwebtoken.sign({ role: 'admin' }, SECRET, { subject: 'bench', expiresIn: '6h' });
  const servers = {
    clear: await servePadron(join(folder, 'clear-0'), { environment: { SEALING: 'off' } }),
    sealed: await servePadron(join(folder, 'sealed-0'), { environment: { SEALING: 'on' } }),
  };
  let count = 0;
  const write = (): Request => {
    count += 1;
    const n = 1 + (count % LINES);
    return {
      method: 'POST',
      path: '/users/edit',
      token,
      body: JSON.stringify(editOf(n, String(600_000_000 + count))),
    };
  };
  const read = (): Request => {
    count += 1;
    return { method: 'GET', path: `/api/personas/${1 + (count % LINES)}`, token };
  };
  const [writes, reads] = [noRates(), noRates()];
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const mode of MODES) {
      for (const [next, rates] of [
        [write, writes],
        [read, reads],
      ] as const) {
        // The first round reads everyone once, so that keys, tokens and subjects are in memory and code is compiled.
        const length = round === 0 ? { requests: LINES } : { seconds: SECONDS };
        const { answers, seconds } = await bareSockets({
          url: servers[mode].url,
          connections: CONNECTIONS,
          next,
          length,
        });
        if (round > 0) rates[mode].push(answers / seconds);
      }
    }
  }
  for (const mode of MODES) await editPersons(servers[mode].url);
  await Promise.all(MODES.map((mode) => servers[mode].stop()));
  return { writes, reads };
}

/** Each person changes their own telephone number several times, so that the logs hold as many events of a person as of a user. */
async function editPersons(url: string): Promise<void> {
  const tokens = Array.from({ length: LINES }, (_, index) =>
    jsonwebtoken.sign({ role: 'asistente' }, SECRET, { subject: `cuenta-${index + 1}`, expiresIn: '6h' }),
  );
  let count = 0;
  const next = (): Request => {
    count += 1;
    const body = JSON.stringify({ telefono: String(600_000_000 + count) });
    return { method: 'PUT', path: '/api/personas/me', token: tokens[count % LINES] ?? '', body };
  };
  await bareSockets({ url, connections: CONNECTIONS, next, length: { requests: EDITS_EACH * LINES } });
}

/** Builds a view from the first event, looking keys up as needed. Returns the view's own events per second. */
async function rebuild(dataDir: string, name: string): Promise<number> {
  const store = await openEventStore(settingsOf(dataDir));
  const folder = mkdtempSync(join(dataDir, 'rebuilt-'));
  const readModel = openSqliteReadModel({ folder });
  const view = projectedViews().find((one) => one.name === name);
  if (!view) throw new Error(name);
  const start = performance.now();
  const stores = { store, readModel, clock: systemClock };
  await view.open(1, stores);
  const fill = buildInThisThread(stores);
  await fill({ view, generation: 1, signal: new AbortController().signal, onProgress: () => undefined });
  const seconds = (performance.now() - start) / 1_000;
  await readModel.close();
  await store.close();
  return countOf(dataDir, STREAMS[name] ?? '') / seconds;
}

function countOf(dataDir: string, streams: string): number {
  const db = openSqlite(join(dataDir, 'events.db'), { synchronous: 'FULL' });
  const query = db.prepare('SELECT count(*) AS count FROM events WHERE stream GLOB ?');
  const { count } = query.get(streams) as unknown as { count: number };
  db.close();
  return count;
}
