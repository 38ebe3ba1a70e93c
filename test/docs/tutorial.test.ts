import { expect } from 'chai';
import { join } from 'node:path';
import { startCli, urlOf, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';

describe('The tutorial', function () {
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

  it('leads from the first start to an audited change, an earlier state, a revert and a rebuild', async () => {
    const { printed } = await howTo('../tutorial').run(folder, environment);
    const [, changed, refused, edited = '', asked, past, reverted, maintained] = printed;
    expect(changed).to.contain('"telefono":"+34 600 111 222"');
    expect(refused).to.contain('"path":"/dni"').and.to.contain('"path":"/foto_url"');
    const [first, second] = edited.trim().split('\n');
    expect(first).to.equal('200 "15.1"');
    expect(second).to.equal(first);
    expect(asked)
      .to.contain('"changes":[{"field":"cuota","before":25,"after":30}]')
      .and.to.contain('+34 600 111 222');
    expect(past)
      .to.contain('"cuota":25')
      .and.to.match(/"cuota": ?30/);
    expect(reverted).to.contain('"cuota":25');
    expect(maintained).to.contain('"state":"done"').and.to.contain('no differences');
  });
});
