import { readdirSync, readlinkSync } from 'node:fs';

/** The files that this process holds open, as the system names them; null where it does not tell. */
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
