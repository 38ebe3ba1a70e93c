import { expect } from 'chai';
import { howTo } from '../support/howTo.ts';
import { pageServer } from '../support/pageServer.ts';

describe('The tutorial', function () {
  const server = pageServer(this);

  it('leads from the first start to an audited change, an earlier state, a revert and a rebuild', async () => {
    const { printed } = await server.run(howTo('../tutorial'));
    const [, changed, refused, edited = '', asked, past, reverted, maintained] = printed;
    expect(changed).to.contain('"telefono":"+34 600 111 222"');
    expect(refused).to.contain('"path":"/dni"').and.to.contain('"path":"/foto_url"');
    const [first, second] = edited.trim().split('\n');
    expect(first).to.equal('200 "15.5"');
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
