import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { describeLong } from '../support/long.ts';
import { asCsv, memberList } from '../support/memberList.ts';
import { startServer, type ServerProcess } from '../support/serverProcess.ts';
import { SECRET, tokenOf } from '../support/tokens.ts';

/** IMPORT_LINES=100000 tries it at the size that it is meant for. */
const LINES = Number(process.env['IMPORT_LINES'] ?? 3_000);
const KILLS = 3;

interface ImportJob {
  id: string;
  state: string;
  processed: number;
  error: string | null;
  import: {
    correlation: string;
    counts: { lines: number; imported: number; unchanged: number; refused: number };
  };
}

const authorization = `Bearer ${tokenOf('admin')}`;

const jobOf = async ({ url }: ServerProcess, id: string): Promise<ImportJob> =>
  (await (await fetch(`${url}/imports/${id}`, { headers: { authorization } })).json()) as ImportJob;

describeLong('an import whose process is killed', function () {
  this.timeout(60_000 + LINES * 10);

  it('continues after the last batch, and stores and counts each line once', async () => {
    const folder = newFolder();
    let server = await startServer(folder);
    const begun = await fetch(`${server.url}/imports`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'text/csv' },
      body: asCsv(memberList(LINES)),
    });
    expect(begun.status).to.equal(202);
    const { id } = (await begun.json()) as ImportJob;
    for (let kills = 0; kills < KILLS; kills += 1) {
      const least = ((kills + Math.random()) / KILLS) * LINES * 0.9;
      await eventually(
        'some of it is stored',
        async () => (await jobOf(server, id)).processed >= least,
        60_000,
      );
      server.process.kill('SIGKILL');
      await server.ended;
      server = await startServer(folder);
    }
    const job = await eventually(
      'the import ends',
      async () => {
        const now = await jobOf(server, id);
        return now.state === 'running' ? null : now;
      },
      60_000 + LINES * 5,
    );
    expect(job).to.deep.include({ state: 'done', processed: LINES, error: null });
    const { counts } = job.import;
    expect(counts).to.deep.include({ lines: LINES, refused: 0 });
    expect(counts.imported + counts.unchanged).to.equal(LINES);
    await eventually('the list is removed', () => uploadsIn(folder).length === 0);
    server.process.kill('SIGTERM');
    await server.ended;

    const environment = { DATA_DIR: folder, JWT_SECRET: SECRET };
    const history = await runCli(
      ['history', '--correlation', job.import.correlation, '--type', 'UserRegistered', '--json'],
      environment,
    );
    const { entries } = JSON.parse(history.stdout) as { entries: { subject: string }[] };
    const subjects = entries.map(({ subject }) => subject);
    expect(subjects).to.have.length(LINES);
    expect(new Set(subjects).size).to.equal(LINES);
    expect(await runCli(['verify'], environment)).to.deep.include({ code: 0 });
    removeFolder(folder);
  });
});

const uploadsIn = (folder: string): string[] =>
  existsSync(join(folder, 'imports')) ? readdirSync(join(folder, 'imports')) : [];
