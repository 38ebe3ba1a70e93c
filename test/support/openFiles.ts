import { readdirSync, readlinkSync } from 'node:fs';

/** The files that this process has open, by the system's names; null if the system does not list them. */
export function openFiles(): string[] | null {
  if (process.platform !== 'linux') return null;
  return readdirSync('/proc/self/fd').flatMap((descriptor) => {
    try {
      return [readlinkSync(`/proc/self/fd/${descriptor}`)];
    } catch {
      return [];
    }
  });
}
