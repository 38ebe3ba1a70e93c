import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { programArgs } from './program.ts';
import { SECRET } from './tokens.ts';

/** A `padron serve` in a process of its own. */
export interface ServerProcess {
  url: string;
  process: ChildProcess;
  /** Settles when it has ended. */
  ended: Promise<void>;
}

const ROOT = new URL('../../', import.meta.url).pathname;

/** Starts `padron serve` from the sources on a free port, without limits on requests; settles when it reports that it is ready. */
export function startServer(
  dataDir: string,
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [...programArgs(), 'serve'], {
    cwd: ROOT,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      PORT: '0',
      JWT_SECRET: SECRET,
      RATE_LIMIT: 'off',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    let url = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      url = /"url":"([^"]+)","msg":"listening"/.exec(line)?.[1] ?? url;
      if (line.includes('"msg":"ready"')) resolve({ url, process: child, ended });
    });
    void ended.then(() => {
      reject(new Error(`padron serve ended before it was ready: ${complaints}`));
    });
  });
}
