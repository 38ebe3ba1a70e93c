import { expect } from 'chai';
import { join } from 'node:path';
import { startCli, urlOf, type RunningCli } from '../support/cli.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { howTo } from '../support/howTo.ts';

describe('Commands in the README and on reference pages', function () {
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

  it('change a profile, and show who changed it and the state of the views (README.md)', async () => {
    const { printed } = await howTo('../../README').run(folder, environment);
    const [changed, asked] = printed;
    expect(changed).to.contain('"telefono":"+9876543210"');
    expect(asked)
      .to.contain('"field":"telefono","before":"+1234567890","after":"+9876543210"')
      .and.to.contain('{"projections":[{"name":"personas"')
      .and.to.contain('"kind":"rebuild","projection":"users","state":"done"');
  });

  it('make tokens that the server accepts (tokens.md)', async () => {
    const { printed, err } = await howTo('../reference/tokens').run(folder, environment);
    const [profile, status] = printed;
    expect(err).to.equal('');
    expect(profile).to.contain('"nombres":"María"');
    expect(status).to.contain('403');
  });

  it('show errors, pages, searches and repeats as described (http-api.md)', async () => {
    const { printed, err } = await howTo('../reference/http-api').run(folder, environment);
    const [, problem, page, found, repeated = ''] = printed;
    expect(err).to.equal('');
    expect(problem)
      .to.match(/^problem-code: invalid\r$/im)
      .and.to.contain('"code":"invalid"');
    expect(page).to.match(/^link: <\/audit\?limit=1&cursor=[^>]+>; rel="next"\r$/im);
    expect(found).to.contain('"apellidos":"Rodríguez García"');
    const [first, second] = repeated.trim().split('\n');
    expect(first).to.match(/^200 "5\.\d+"$/);
    expect(second).to.equal(first);
  });
});
