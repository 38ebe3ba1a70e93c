import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;
/** Generous, because the machine may be busy and a successful wait does not take longer. */
const MAX_MS = 30_000;

/** Polls until `look` returns something truthy. If that takes longer than `withinMs`, fails and says what it waited for. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = MAX_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(POLL_MS);
  }
}
