import { expect } from 'chai';
import { join } from 'node:path';
import { startCli, urlOf, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';

describe('docs/how-to/correct-a-list.md', function () {
  this.timeout(120_000);
  let folder: string;
  let server: RunningCli;
  let environment: Record<string, string>;

  before(async () => {
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
  after(async () => {
    server.process.kill('SIGTERM');
    await server.ended;
    removeFolder(folder);
  });

  it('has commands that apply a corrected list, show it and undo it', async () => {
    const page = howTo('correct-a-list');
    const { printed, err } = await page.run(folder, environment);
    const [, , dry = '', run, taken] = printed;
    const shown = /^ *```text\n(.*?)^ *```/ms.exec(page.text)?.[1]?.replace(/^ {3}/gm, '');
    expect(err).to.equal('');
    expect(dry.trim()).to.equal(shown?.trim());
    expect(run).to.contain('1 line: 1 changed, 0 imported, 0 unchanged, 0 failed');
    expect(taken)
      .to.contain('annual review')
      .and.to.contain('1 person in the operation: 1 would be edited back')
      .and.to.contain('1 person in the operation: 1 edited back');
  });
});
