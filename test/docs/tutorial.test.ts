import { expect } from 'chai';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { pageServer } from '../support/pageServer.ts';

describeLong('The tutorial', function () {
  const server = pageServer(this);

  it('leads from the first start to an audited change, an earlier state, a revert, a roll and a rebuild', async () => {
    const { printed } = await server.run(howTo('../tutorial'));
    const [, changed, refused, edited = '', asked, past, reverted, rolls, named, maintained] = printed;
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
    expect(rolls)
      .to.contain('{"users":[],"next":null,"at":"2024-12-31T23:59:59.999Z"}')
      .and.to.contain('{"users":[{"IdUsuario":15,')
      .and.to.contain('{"joined":1,"left":0,"changed":0,"before":0,"after":1}');
    expect(named).to.contain('"name":"Assembly","kind":"users"').and.to.contain('"matches":true,"count":1');
    expect(maintained).to.contain('"state":"done"').and.to.contain('no differences');
  });
});
