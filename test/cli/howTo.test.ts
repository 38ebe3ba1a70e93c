import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCli, startCli, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGE = readFileSync(join(ROOT, 'docs/how-to/rebuild-a-view.md'), 'utf8');

describe('docs/how-to/rebuild-a-view.md', function () {
  this.timeout(120_000);
  let folder: string;
  let server: RunningCli;
  let environment: Record<string, string>;

  before(async () => {
    folder = newFolder();
    environment = { DATA_DIR: join(folder, 'data'), PORT: '0', LOG_LEVEL: 'error' };
    server = startCli(['serve'], environment);
    const url = await eventually(
      'the server listens',
      () => /^padron (http:\S+)/m.exec(server.output.stdout)?.[1],
      60_000,
    );
    environment = { ...environment, URL: url };
    await eventually(
      'the server is ready',
      async () => (await fetch(`${url}/health/ready`)).status === 200,
      60_000,
    );
  });
  after(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    removeFolder(folder);
  });

  it('does what it says', async () => {
    const snippets = [...PAGE.matchAll(/^```sh\n(.*?)^```/gms)].map(([, text = '']) => text);
    // `npx padron` finds the checkout's own program; here it runs from the sources.
    const own = `npx() { shift; '${process.execPath}' --import tsx '${join(ROOT, 'src/cli/main.ts')}' "$@" 2>/dev/null; }`;
    const script = [own, ...snippets].join('\necho; echo "=== $?"\n');
    const { code, out, err } = await run(script, { ...process.env, ...environment });
    expect(err).to.equal('');
    expect(code).to.equal(0);
    const [, , views, , rebuilt, watched, changed, back, verified, parked, retried, skipped] =
      out.split(/^=== 0$/m);
    expect(views)
      .to.contain('{"projections":[{"name":"personas","version":1,')
      .and.to.match(/VIEW +VERSION +GENERATION/);
    expect(rebuilt).to.contain('"projection":"users","state":"done"');
    expect(watched)
      .to.match(/^event: job$/m)
      .and.to.match(/^personas-v1-\d+ +rebuild +done/m);
    expect(changed).to.contain('"code":"ended","detail":"it is done"');
    expect(back).to.contain('"kind":"rollback","projection":"personas"').and.to.contain('"state":"done"');
    expect(verified).to.contain('"kind":"verify"');
    expect(parked).to.contain('{"parked":[]}');
    expect(retried).to.contain('HTTP/1.1 404 Not Found').and.to.contain('"code":"not-found"');
    expect(skipped).to.contain('"code":"not-found"');
  });

  it('names commands that there are', async () => {
    const { stdout } = await runCli(['projections', '--help']);
    const named = [...PAGE.matchAll(/padron projections\s+([a-z]+)/g)].map(([, command = '']) => command);
    for (const command of new Set(named)) expect(stdout).to.match(new RegExp(`^  ${command} `, 'm'));
  });
});

function run(
  script: string,
  environment: NodeJS.ProcessEnv,
): Promise<{ code: number | null; out: string; err: string }> {
  const child: ChildProcess = spawn('bash', ['--norc', '-eu', '-o', 'pipefail', '-c', script], {
    env: environment,
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let [out, err] = ['', ''];
    child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr?.on('data', (text: Buffer) => (err += text.toString()));
    child.once('error', reject);
    child.once('close', (code) => {
      resolve({ code, out, err });
    });
  });
}
