import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';

/** Makes every read of a file fail, although it is not missing, until the returned function is called. */
export function makeUnreadable(file: string): () => void {
  const aside = `${file}-aside`;
  renameSync(file, aside);
  symlinkSync(basename(file), file);
  return () => {
    unlinkSync(file);
    renameSync(aside, file);
  };
}
