import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { newFolder, removeFolder } from '../folder.ts';
import { programArgs } from '../program.ts';

export interface DevelopmentServer {
  url: string;
  /** The link that signs in once. */
  link: string;
  process: ChildProcess;
  ended: Promise<void>;
}

const ROOT = new URL('../../../', import.meta.url).pathname;

/** Starts `padron serve` in development mode on a free port; settles when it is ready. */
export function startDevelopmentServer(
  dataDir: string,
  settings: Record<string, string> = {},
): Promise<DevelopmentServer> {
  const { JWT_SECRET: _secret, JWKS_URI: _keys, NODE_ENV: _mode, ...environment } = process.env;
  const child = spawn(process.execPath, [...programArgs(), 'serve'], {
    cwd: ROOT,
    env: { ...environment, DATA_DIR: dataDir, PORT: '0', RATE_LIMIT: 'off', ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      resolve();
    });
  });
  return new Promise((resolve, reject) => {
    let link = '';
    createInterface({ input: child.stdout }).on('line', (line) => {
      link = /^ {2}(http\S+\/console#code=\S+)$/.exec(line)?.[1] ?? link;
      if (line.includes('"msg":"ready"')) resolve({ url: new URL(link).origin, link, process: child, ended });
    });
    void ended.then(() => {
      reject(new Error('padron serve ended before it was ready'));
    });
  });
}

/** One such server for the tests of a `describe`, with a folder of its own. */
export function developmentServerForTests(settings: Record<string, string> = {}): () => DevelopmentServer {
  let dataDir = '';
  let server: DevelopmentServer | null = null;
  before(async () => {
    dataDir = newFolder();
    server = await startDevelopmentServer(dataDir, settings);
  });
  after(async () => {
    server?.process.kill('SIGTERM');
    await server?.ended;
    removeFolder(dataDir);
  });
  return () => {
    if (!server) throw new Error('the server has not started');
    return server;
  };
}
