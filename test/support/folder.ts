import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of this test's own. */
export const newFolder = (): string => mkdtempSync(join(tmpdir(), 'padron-test-'));

export const removeFolder = (folder: string): void => {
  rmSync(folder, { recursive: true, force: true });
};
