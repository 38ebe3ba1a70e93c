import { setTimeout as pause } from 'node:timers/promises';

const LOOK_AGAIN_MS = 5;
const LONGEST_MS = 10_000;

/** Looks until `look` answers something truthy; fails, saying what it waited for, when that takes longer than `withinMs`. */
export async function eventually<T>(
  what: string,
  look: () => T | Promise<T>,
  withinMs = LONGEST_MS,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`);
    await pause(LOOK_AGAIN_MS);
  }
}
