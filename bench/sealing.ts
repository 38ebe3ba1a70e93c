import { createDecipheriv, type KeyObject } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/platform/clock.ts';
import { openSqlite } from '../src/platform/sqlite/sqlite.ts';
import { buildInThisThread } from '../src/projections/rebuild/buildGeneration.ts';
import { openSqliteReadModel } from '../src/projections/stores/sqlite/sqliteReadModel.ts';
import { projectedViews } from '../src/projections/views/allViews.ts';
import { rowsOf } from '../src/sealing/opening/checkKeys.ts';
import { keysOf } from '../src/sealing/opening/sealedStore.ts';
import { isErased, type KeyRow } from '../src/sealing/keyStore.ts';
import { unwrap } from '../src/sealing/masterKeys.ts';
import { openEventStore } from '../src/service/stores.ts';
import { bareSockets, type Request } from './support/load.ts';
import { editOf, personaLine, userLine } from './support/people.ts';
import { linesFile, padron, SECRET, servePadron, temporaryFolder } from './support/servers.ts';

/** What sealing costs: the same work on a log in clear text and on a sealed one, in turn, in one run. */

const LINES = Number(process.env['BENCH_LINES'] ?? 10_000);
const ROUNDS = 3;
const SECONDS = 4;
const CONNECTIONS = 32;
const PAGE = 2_000;
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
  const { writes, reads } = await overHttp(folder);
  row('POST /users/edit', median(writes.sealed), median(writes.clear), GOALS['write']);
  row('GET /api/personas/:id', median(reads.sealed), median(reads.clear));

  for (const [name, streams] of Object.entries(STREAMS)) {
    const rebuilt = noRates();
    const bare: number[] = [];
    const lookingUp: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      bare.push(await bareLoop(join(folder, 'sealed-0'), streams, 'keys in memory'));
      lookingUp.push(await bareLoop(join(folder, 'sealed-0'), streams, 'keys in the key store'));
      for (const mode of MODES)
        rebuilt[mode].push(await rebuild(join(folder, `${mode}-0`), name, `views-${name}-${round}`));
    }
    row(`rebuild of ${name}, own events`, median(rebuilt.sealed), median(rebuilt.clear));
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
  await Promise.all(MODES.map((mode) => servers[mode].stop()));
  return { writes, reads };
}

const settingsOf = (dataDir: string) => ({
  dataDir,
  eventStoreUrl: null,
  mongoUrl: null,
  sealing: { wanted: null, masterKey: null, previousMasterKey: null },
});

interface StoredRow extends Record<'stream' | 'id' | 'type' | 'data' | 'metadata', string> {
  position: number;
}

/**
 * The baseline: reads the events of these streams in pages, decrypts and parses them. It has all keys in memory, or looks up and unwraps
 * those of each page, as every program must that starts with the files. Events per second.
 */
async function bareLoop(
  dataDir: string,
  streams: string,
  from: 'keys in memory' | 'keys in the key store',
): Promise<number> {
  const store = await openEventStore(settingsOf(dataDir));
  const stored = await keysOf(store);
  if (!stored) throw new Error(`${dataDir} has no keys`);
  const keys = from === 'keys in memory' ? await keysIn(stored, rowsOf(stored.store)) : null;
  const db = openSqlite(join(dataDir, 'events.db'), { synchronous: 'FULL', cacheMiB: 64 });
  const page = db.prepare(
    `SELECT position, stream, id, type, data, metadata FROM events WHERE position > ? AND +stream GLOB '${streams}' ORDER BY position LIMIT ${PAGE}`,
  );
  const start = performance.now();
  let events = 0;
  for (let position = 0; ;) {
    const rows = page.all(position) as unknown as StoredRow[];
    const sealed = rows.flatMap((row) => partsOf(row) ?? []);
    const known = keys ?? (await keysIn(stored, await stored.store.ofKeys(sealed.map(({ keyId }) => keyId))));
    for (const { keyId, bound, body } of sealed) {
      const key = known.get(keyId);
      if (key) JSON.parse(decrypted(key, bound, body));
    }
    events += rows.length;
    const last = rows.at(-1);
    if (!last) break;
    ({ position } = last);
  }
  const seconds = (performance.now() - start) / 1_000;
  db.close();
  await store.close();
  return events / seconds;
}

/** Parses a row; the parts of its envelope, or null for an event in clear. */
function partsOf({ stream, id, type, data, metadata }: StoredRow): {
  keyId: string;
  bound: string;
  body: string;
} | null {
  const { sealed } = JSON.parse(data) as { sealed?: string };
  JSON.parse(metadata);
  if (sealed === undefined) return null;
  const [version = '', keyId = '', body = ''] = sealed.split('.');
  return { keyId, bound: [version, stream, id, type, keyId].join('|'), body };
}

function decrypted(key: KeyObject, bound: string, body: string): string {
  const bytes = Buffer.from(body, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString();
}

type StoredKeys = NonNullable<Awaited<ReturnType<typeof keysOf>>>;

/** The keys in these rows, by id. */
async function keysIn(
  { masters }: StoredKeys,
  rows: AsyncIterable<KeyRow> | Iterable<KeyRow>,
): Promise<Map<string, KeyObject>> {
  const keys = new Map<string, KeyObject>();
  for await (const one of rows) {
    const key = isErased(one) ? null : unwrap(masters, one);
    if (key) keys.set(key.id, key.key);
  }
  return keys;
}

/** Builds a view from the first event, looking keys up as needed. Returns the view's own events per second. */
async function rebuild(dataDir: string, name: string, views: string): Promise<number> {
  const store = await openEventStore(settingsOf(dataDir));
  mkdirSync(join(dataDir, views), { recursive: true });
  const readModel = openSqliteReadModel({ folder: join(dataDir, views) });
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
