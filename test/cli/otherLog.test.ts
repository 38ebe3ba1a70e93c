import { expect } from 'chai';
import { copyFileSync, cpSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { itLong, someOf } from '../support/long.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

/** What becomes of views whose log was restored, replaced or lost (docs/adr/0026). */
describe('padron serve with views that were built from another log', function () {
  this.timeout(60_000);
  let folder: string;
  let dataDir: string;
  let server: ServerProcess | null = null;
  const headers = { authorization: `Bearer ${tokenOf('admin')}`, 'content-type': 'application/json' };

  beforeEach(() => {
    folder = newFolder();
    dataDir = join(folder, 'data');
    cpSync(template, folder, { recursive: true });
  });
  afterEach(async () => {
    await stop();
    removeFolder(folder);
  });

  async function start(): Promise<ServerProcess> {
    server = await startServer(dataDir);
    return server;
  }
  async function stop(): Promise<void> {
    server?.process.kill('SIGTERM');
    await server?.ended;
    server = null;
  }

  async function register(dni: string): Promise<number> {
    const body = JSON.stringify({ nombres: 'Ana', apellidos: 'Ruiz', dni, cuenta: `cuenta-${dni}` });
    const answer = await fetch(`${server?.url}/api/personas`, { method: 'POST', headers, body });
    return answer.status === 201 ? ((await answer.json()) as { id: number }).id : answer.status;
  }
  async function listed(): Promise<string[] | number> {
    const answer = await fetch(`${server?.url}/api/personas`, { headers });
    if (answer.status !== 200) return answer.status;
    const { personas } = (await answer.json()) as { personas: { dni: string }[] };
    return personas.map(({ dni }) => dni);
  }
  const shown = (dnis: string[]): Promise<unknown> =>
    eventually(`${String(dnis)} are listed`, async () => String(await listed()) === String(dnis), 20_000);

  /** Two people in the backup, one more in the views; made once, and copied for each test. */
  let template: string;
  before(async () => {
    template = newFolder();
    dataDir = join(template, 'data');
    await start();
    await register('A1');
    await register('A2');
    await stop();
    copyFileSync(join(dataDir, 'events.db'), join(template, 'backup.db'));
    await start();
    expect(await register('A3')).to.equal(3);
    await shown(['A1', 'A2', 'A3']);
    await stop();
  });
  after(() => {
    removeFolder(template);
  });

  it('rebuilds the views after an older log was restored, and never lists people who are not in that log', async () => {
    copyFileSync(join(folder, 'backup.db'), join(dataDir, 'events.db'));
    await start();
    expect(String(await listed())).to.be.oneOf(['503', 'A1,A2']);
    await shown(['A1', 'A2']);
    expect(await register('A4')).to.equal(3);
    const document = await fetch(`${server?.url}/api/personas/3`, { headers });
    expect(((await document.json()) as { dni: string }).dni).to.equal('A4');
    await shown(['A1', 'A2', 'A4']);
  });

  for (const [what, lose] of [
    [
      'removed',
      (file: string) => {
        rmSync(file);
      },
    ],
    [
      'cut to nothing',
      (file: string) => {
        truncateSync(file);
      },
    ],
  ] as const) {
    it(`refuses to start when the log was ${what}, and registers no demo people`, async () => {
      lose(join(dataDir, 'events.db'));
      for (const JWT_SECRET of someOf(1, ['', SECRET])) {
        const run = await runCli(['serve'], { DATA_DIR: dataDir, PORT: '0', JWT_SECRET });
        expect(run.code).to.equal(2);
        expect(run.stderr).to.contain('the event log is empty').and.to.contain('DATA_DIR/views');
      }
      const history = await runCli(['history', 'persona-5'], { DATA_DIR: dataDir });
      expect(history.stdout).not.to.contain('PersonaRegistered');
    });
  }

  itLong('refuses to start when its log was replaced by another one', async () => {
    const own = dataDir;
    dataDir = join(folder, 'other');
    await start();
    await register('B1');
    await stop();
    copyFileSync(join(dataDir, 'events.db'), join(own, 'events.db'));
    const run = await runCli(['serve'], { DATA_DIR: own, PORT: '0', JWT_SECRET: SECRET });
    expect(run.code).to.equal(2);
    expect(run.stderr).to.contain('built from another event log');
  });

  itLong(
    'answers 503 after its log is replaced while it runs, and answers correctly after a restart',
    async () => {
      await start();
      rmSync(join(dataDir, 'events.db'));
      for (const ending of ['-wal', '-shm']) rmSync(join(dataDir, `events.db${ending}`), { force: true });
      copyFileSync(join(folder, 'backup.db'), join(dataDir, 'events.db'));
      await eventually('the list is refused', async () => (await listed()) === 503);
      expect(await register('A5')).to.equal(503);
      await stop();
      await start();
      await shown(['A1', 'A2']);
    },
  );

  itLong('serves the older state after a restore into the running log', async () => {
    await start();
    const { backup, DatabaseSync } = await import('@photostructure/sqlite');
    const source = new DatabaseSync(join(folder, 'backup.db'));
    await backup(source, join(dataDir, 'events.db'));
    source.close();
    await shown(['A1', 'A2']);
    expect(await register('A4')).to.equal(3);
    await shown(['A1', 'A2', 'A4']);
  });

  itLong('names a view whose file is damaged, and rebuilds it', async () => {
    const views = join(dataDir, 'views');
    const [file = ''] = readdirSync(views).filter((name) => /^personas-.*\.db$/.test(name));
    writeFileSync(join(views, file), 'not a database at all'.repeat(1_000));
    const found = await runCli(['doctor'], { DATA_DIR: dataDir });
    expect(found.code).to.equal(1);
    expect(found.stdout).to.contain(`${file}: file is not a database (SQLITE_NOTADB)`);
    await start();
    await shown(['A1', 'A2', 'A3']);
  });
});
