import { createDecipheriv, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { openSqlite } from '../../src/platform/sqlite/sqlite.ts';
import { rowsOf } from '../../src/sealing/opening/checkKeys.ts';
import { keysOf } from '../../src/sealing/opening/sealedStore.ts';
import { isErased, type KeyRow } from '../../src/sealing/keyStore.ts';
import { unwrap } from '../../src/sealing/masterKeys.ts';
import { openEventStore } from '../../src/service/stores.ts';

const PAGE = 2_000;

/** The settings of an embedded log, sealed or not, with the key of development mode. */
export const settingsOf = (dataDir: string) => ({
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
export async function bareLoop(
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
