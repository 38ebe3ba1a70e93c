import type { EventStore } from '../../events/eventStore.ts';
import { subjectOf } from '../../events/streams.ts';
import { keyIdIn } from '../envelope.ts';
import { isErased, type KeyRow, type KeyStore } from '../keyStore.ts';
import { unwrap, wrap, type MasterKeys } from '../masterKeys.ts';
import { LOG_SUBJECT } from './sealedStore.ts';

const PAGE = 1_000;

/** The contents of a key store compared with the log. */
export interface KeyCount {
  /** Keys that a master key opens. */
  keys: number;
  erased: number;
  /** Of these, keys that the previous master key still wraps. */
  previous: number;
  /** Keys that no master key opens, by subject. */
  unreadable: string[];
  /** Streams of the log whose key is neither there nor recorded as erased. */
  missing: string[];
  /** Keys that no event needs, from registrations that were refused or are in progress. */
  unused: number;
}

/** Every row of a key store, in the order of the subjects' names. */
export async function* rowsOf(store: Pick<KeyStore, 'scan'>): AsyncGenerator<KeyRow> {
  for (let after: string | null = null; ;) {
    const page: KeyRow[] = await store.scan({ after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.subject ?? null;
  }
}

/** Opens every key and reads the whole log for needed keys. `log` must return events as stored. */
export async function checkKeys(
  { store, masters }: { store: Pick<KeyStore, 'scan'>; masters: MasterKeys },
  log: Pick<EventStore, 'readAll'>,
): Promise<KeyCount> {
  const needed = await neededKeys(log);
  const count: KeyCount = { keys: 0, erased: 0, previous: 0, unreadable: [], missing: [], unused: 0 };
  for await (const row of rowsOf(store)) {
    const isNeeded = needed.delete(row.keyId);
    if (isErased(row)) {
      count.erased += 1;
      continue;
    }
    if (!unwrap(masters, row)) {
      count.unreadable.push(row.subject);
      continue;
    }
    count.keys += 1;
    if (row.master !== masters.present.fingerprint) count.previous += 1;
    if (!isNeeded && row.subject !== LOG_SUBJECT) count.unused += 1;
  }
  count.missing = [...new Set(needed.values())];
  return count;
}

/** The key ids in the log, each with a stream that needs it. */
async function neededKeys(log: Pick<EventStore, 'readAll'>): Promise<Map<string, string>> {
  const needed = new Map<string, string>();
  for (let after: bigint | null = null; ;) {
    const page = await log.readAll(after, PAGE);
    for (const { stream, data } of page) {
      const keyId = 'sealed' in data && typeof data.sealed === 'string' ? keyIdIn(data.sealed) : null;
      // A claim precedes the first event of its person.
      if (keyId !== null && (subjectOf(stream) || !needed.has(keyId))) needed.set(keyId, stream);
    }
    const last = page.at(-1);
    if (!last || page.length < PAGE) return needed;
    after = last.position;
  }
}

/**
 * Re-wraps every key that another master key still wraps; changes no event. Safe to repeat, and next
 * to running servers. `failed`: subjects whose key no master key opens.
 */
export async function rotateKeys({
  store,
  masters,
}: {
  store: Pick<KeyStore, 'scan' | 'rewrap'>;
  masters: MasterKeys;
}): Promise<{ rotated: number; failed: string[] }> {
  let rotated = 0;
  const failed: string[] = [];
  for await (const row of rowsOf(store)) {
    if (isErased(row) || row.master === masters.present.fingerprint) continue;
    const key = unwrap(masters, row);
    if (!key) failed.push(row.subject);
    // If another process was first, it has erased or rotated the key.
    else if (await store.rewrap(row, wrap(masters.present, key))) rotated += 1;
  }
  return { rotated, failed };
}

/** Copies every key and tombstone to another key store; existing rows stay. Safe to repeat. Returns the number of rows. */
export async function copyKeys(
  from: Pick<KeyStore, 'scan'>,
  to: Pick<KeyStore, 'add' | 'erase'>,
): Promise<number> {
  let copied = 0;
  for (let after: string | null = null; ;) {
    const page: KeyRow[] = await from.scan({ after, limit: PAGE });
    await to.add(page.flatMap((row) => (isErased(row) ? [] : row)));
    for (const row of page) if (isErased(row)) await to.erase(row);
    copied += page.length;
    if (page.length < PAGE) return copied;
    after = page.at(-1)?.subject ?? null;
  }
}
