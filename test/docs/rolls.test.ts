import { expect } from 'chai';
import { join } from 'node:path';
import { startCli, urlOf, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';

describe('Commands on pages about rolls', function () {
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

  it('show the roll at a moment and the changes between two (rolls.md)', async () => {
    const { printed, err } = await howTo('../reference/rolls').run(folder, environment);
    expect(err).to.equal('');
    const [, roll, changes, named = '', proof = '', cli] = printed;
    expect(roll)
      .to.contain('"IdUsuario":15')
      .and.to.contain('"at":"')
      .and.to.contain('{"personas":[{"id":5,');
    expect(changes)
      .to.contain('{"changes":[{"kind":"joined","id":15,')
      .and.to.contain('{"joined":1,"left":0,"changed":0,"before":0,"after":1}');
    expect(named).to.contain('"name":"Assembly"').and.to.contain('"matches":true,"count":1');
    expect(named).to.contain(`"digest":"${proof.trim()}","erasedSince":0`);
    expect(cli).to.contain('joined,15,45678912C,');
  });
});
