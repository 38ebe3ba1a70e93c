import type { KeyObject } from 'node:crypto';
import { pauseMs } from '../../platform/backoff.ts';
import { ALGORITHMS_TEXT, publishedKey, type PublishedKey } from './algorithms.ts';

/** Age after which the next token triggers a refresh, in the background. */
const REFRESH_AFTER_MS = 10 * 60_000;
/** How long fetched keys stay valid while the identity provider is away. */
const MAX_AGE_MS = 24 * 60 * 60_000;
/** At most one fetch in this time, however many unknown key ids arrive. */
const COOLDOWN_MS = 30_000;
/** The same after a failed fetch while there are no keys at all; doubled up to the cooldown. */
const RETRY_MS = { minMs: 250, maxMs: COOLDOWN_MS, jitter: 0 };
const FETCH_TIMEOUT_MS = 5_000;
const MAX_SET_BYTES = 256 * 1024;
const MAX_KEYS = 100;

/** The keys could not be fetched, which is not the token's fault. */
export class KeysUnavailableError extends Error {
  constructor(cause: unknown) {
    super('the key set could not be fetched', { cause });
    this.name = 'KeysUnavailableError';
  }
}

/** The part of a token's header that selects the key. */
export interface KeyRequest {
  alg?: unknown;
  kid?: unknown;
}

export interface KeySet {
  /**
   * The key that the header names; null if the provider does not publish it. Rejects with
   * KeysUnavailableError if no usable set has been fetched.
   */
  find(header: KeyRequest): Promise<KeyObject | null>;
  /**
   * Fetches the set now and returns the number of usable keys. Rejects with KeysUnavailableError.
   */
  refresh(): Promise<number>;
}

/**
 * The public keys behind JWKS_URI, fetched as a whole and cached (RFC 7517). Tokens with a known
 * key never wait for the provider; unknown key ids share one fetch per cooldown. `onFailure` is
 * called once per failed fetch; `now` is a clock in milliseconds.
 */
export function createKeySet({
  uri,
  onFailure = () => undefined,
  now = () => performance.now(),
  timeoutMs = FETCH_TIMEOUT_MS,
}: {
  uri: string;
  onFailure?: (error: Error) => void;
  now?: () => number;
  /** Time limit of a fetch, including its body. */
  timeoutMs?: number;
}): KeySet {
  let keys: readonly PublishedKey[] = [];
  let fetchedAt: number | null = null;
  let failedAt: number | null = null;
  let failures = 0;
  let underWay: Promise<void> | null = null;

  async function load(): Promise<void> {
    try {
      keys = await fetchKeys(uri, timeoutMs);
      fetchedAt = now();
      failedAt = null;
      failures = 0;
    } catch (error) {
      failedAt = now();
      failures += 1;
      onFailure(error as Error);
      throw new KeysUnavailableError(error);
    }
  }

  /** Concurrent callers share one fetch. */
  function fetchOnce(): Promise<void> {
    underWay ??= load().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  const cooldownMs = (): number =>
    failures === 0 || fetchedAt !== null ? COOLDOWN_MS : pauseMs(failures - 1, RETRY_MS);

  const ageMs = (): number => (fetchedAt === null ? Infinity : now() - fetchedAt);
  const mayFetch = (): boolean =>
    now() - Math.max(fetchedAt ?? -Infinity, failedAt ?? -Infinity) >= cooldownMs();

  return {
    async find(header) {
      if (ageMs() >= MAX_AGE_MS) keys = [];
      const known = keyFor(keys, header);
      if (known) {
        if (ageMs() >= REFRESH_AFTER_MS && mayFetch()) void fetchOnce().catch(() => undefined);
        return known;
      }
      if (underWay !== null || mayFetch()) await fetchOnce();
      else if (failedAt !== null) throw new KeysUnavailableError(null);
      return keyFor(keys, header);
    },

    async refresh() {
      await fetchOnce();
      return keys.length;
    },
  };
}

/** Without a key id, the only key of the algorithm; with several, it is ambiguous. */
function keyFor(keys: readonly PublishedKey[], { alg, kid }: KeyRequest): KeyObject | null {
  const fitting = keys.filter((key) => key.algorithm === alg && (kid === undefined || key.kid === kid));
  return fitting.length === 1 && fitting[0] ? fitting[0].key : null;
}

async function fetchKeys(uri: string, timeoutMs: number): Promise<PublishedKey[]> {
  const response = await fetch(uri, {
    headers: { accept: 'application/jwk-set+json, application/json' },
    redirect: 'error',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`the key set answered with status ${response.status}`);
  }
  const set = JSON.parse(await boundedText(response)) as { keys?: unknown } | null;
  if (!Array.isArray(set?.keys)) throw new Error('the answer is not a key set');
  const keys = (set.keys as unknown[]).slice(0, MAX_KEYS).flatMap((jwk) => publishedKey(jwk) ?? []);
  if (keys.length === 0) throw new Error(`the key set holds no key for ${ALGORITHMS_TEXT}`);
  return keys;
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_SET_BYTES) throw new Error(`the key set is larger than ${MAX_SET_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
