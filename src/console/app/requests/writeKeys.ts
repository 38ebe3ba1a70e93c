/** Most writes that are remembered until they succeed. */
const MAX_UNFINISHED = 100;

/**
 * The key of each write that has not succeeded, by its content: a repeat sends the same key, so that
 * it is applied once even if the first answer was lost.
 */
const unfinished = new Map<string, string>();

/** The Idempotency-Key of a write with this content: that of its last attempt, unless it was forgotten. */
export function keyOf(content: string): string {
  const key = unfinished.get(content) ?? newKey();
  unfinished.set(content, key);
  const [oldest] = unfinished.keys();
  if (unfinished.size > MAX_UNFINISHED && oldest !== undefined) unfinished.delete(oldest);
  return key;
}

/** Forgets the key: the write has succeeded, or the server no longer accepts the key for a repeat. */
export function forgetKey(content: string): void {
  unfinished.delete(content);
}

/** 128 random bits. Not `crypto.randomUUID`, which browsers have on https and localhost only. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );
