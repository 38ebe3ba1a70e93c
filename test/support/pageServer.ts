import { join } from 'node:path';
import { startCli, urlOf, type RunningCli } from './cli.ts';
import { eventually } from './eventually.ts';
import { newFolder, removeFolder } from './folder.ts';
import type { HowTo } from './howTo.ts';

/** A server for the commands on a page. */
export interface PageServer {
  /** Runs the page's commands against the server; see HowTo.run. */
  run(page: HowTo): ReturnType<HowTo['run']>;
}

/** Starts a server with the demo people before the tests of this suite, or before each of them, and stops it after. */
export function pageServer(suite: Mocha.Suite, { forEachTest = false } = {}): PageServer {
  suite.timeout(120_000);
  let folder: string;
  let server: RunningCli;
  let environment: Record<string, string>;

  const [start, stop] = forEachTest ? [beforeEach, afterEach] : [before, after];
  start(async () => {
    folder = newFolder();
    environment = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'error' };
    server = startCli(['serve'], environment);
    const url = await urlOf(server);
    environment = { ...environment, URL: url };
    await eventually(
      'the server is ready',
      async () => (await fetch(`${url}/health/ready`)).status === 200,
      60_000,
    );
  });
  stop(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    removeFolder(folder);
  });

  return { run: (page) => page.run(folder, environment) };
}
