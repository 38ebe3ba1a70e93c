import { expect } from 'chai';
import { howTo } from '../support/howTo.ts';
import { itLong } from '../support/long.ts';
import { pageServer } from '../support/pageServer.ts';

describe('Commands in the README and on reference pages', function () {
  const server = pageServer(this);

  it('change a profile, and show who changed it and the state of the views (README.md)', async () => {
    const { printed } = await server.run(howTo('../../README'));
    const [changed, asked] = printed;
    expect(changed).to.contain('"telefono":"+9876543210"');
    expect(asked)
      .to.contain('"field":"telefono","before":"+1234567890","after":"+9876543210"')
      .and.to.contain('{"projections":[{"name":"personas"')
      .and.to.contain('"kind":"rebuild","projection":"users","state":"done"');
  });

  itLong('make tokens that the server accepts (tokens.md)', async () => {
    const { printed, err } = await server.run(howTo('../reference/tokens'));
    const [profile, status] = printed;
    expect(err).to.equal('');
    expect(profile).to.contain('"nombres":"María"');
    expect(status).to.contain('403');
  });

  itLong('show errors, pages, searches and repeats as described (http-api.md)', async () => {
    const { printed, err } = await server.run(howTo('../reference/http-api'));
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
