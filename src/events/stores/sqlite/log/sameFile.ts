import { statSync } from 'node:fs';
import { PadronError } from '../../../../platform/padronError.ts';

/** The file at this path is not the opened one: commits to the opened file are lost. */
export class FileReplacedError extends PadronError {
  constructor(path: string) {
    super(`${path} was removed, replaced or truncated while it was in use: restart padron`);
  }
}

/**
 * Throws FileReplacedError once the file at this path is a different one. The file only grows,
 * because padron removes nothing from it.
 */
export function sameFile(path: string): () => void {
  const { dev, ino, size } = statSync(path);
  let known = size;
  return () => {
    const now = statSync(path, { throwIfNoEntry: false });
    if (now?.ino !== ino || now.dev !== dev || now.size < known) throw new FileReplacedError(path);
    known = now.size;
  };
}
