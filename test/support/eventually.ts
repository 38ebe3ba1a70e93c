import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 5;
/** Generous: a wait that succeeds does not take longer for it, and the machine may be busy. */
const MAX_MS = 30_000;

/** Looks until `look` answers something truthy; fails, saying what it waited for, when that takes longer than `withinMs`. */
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
