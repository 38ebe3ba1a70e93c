import { constants, getPriority, setPriority } from 'node:os';

/** How much nicer than the process: threads that answer requests get a busy processor first. */
const NICER = 10;

/**
 * Lowers the priority of the calling thread, for long work beside requests. Linux only: elsewhere the
 * priority is that of the whole process.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + NICER));
  } catch {
    // A sandbox may forbid it. The work is right at any priority.
  }
}
