import { expect } from 'chai';
import { runCli } from '../support/cli.ts';
import { howTo } from '../support/howTo.ts';
import { itLong } from '../support/long.ts';
import { pageServer } from '../support/pageServer.ts';

const page = howTo('rebuild-a-view');

describe('docs/how-to/rebuild-a-view.md', function () {
  const server = pageServer(this);

  itLong('has commands that do what the page says', async () => {
    const { printed, err } = await server.run(page);
    expect(err).to.equal('padron: no parked subjects\n');
    const [, views, , rebuilt, watched, changed, back, verified, parked, retried, skipped] = printed;
    expect(views)
      .to.contain('{"projections":[{"name":"personas","version":3,')
      .and.to.match(/VIEW +VERSION +GENERATION/);
    expect(rebuilt).to.contain('"projection":"users","state":"done"');
    expect(watched)
      .to.match(/^event: job$/m)
      .and.to.match(/^personas-v3-\d+ +rebuild +done/m);
    expect(changed).to.contain('"code":"ended","detail":"it is done"');
    expect(back).to.contain('"kind":"rollback","projection":"personas"').and.to.contain('"state":"done"');
    expect(verified).to.contain('"kind":"verify"');
    expect(parked).to.contain('{"parked":[],"next":null}');
    expect(retried).to.contain('HTTP/1.1 404 Not Found').and.to.contain('"code":"not-found"');
    expect(skipped).to.contain('"code":"not-found"');
  });

  it('names only commands that exist', async () => {
    const { stdout } = await runCli(['projections', '--help']);
    const named = [...page.text.matchAll(/padron projections\s+([a-z]+)/g)].map(
      ([, command = '']) => command,
    );
    for (const command of new Set(named)) expect(stdout).to.match(new RegExp(`^  ${command} `, 'm'));
  });
});
