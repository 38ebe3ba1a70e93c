import { expect } from 'chai';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { pageServer } from '../support/pageServer.ts';

describeLong('docs/how-to/erase-a-person.md', function () {
  const server = pageServer(this);

  it('erases two people, proves it, and keeps a list that can be applied again', async () => {
    const { printed, err } = await server.run(howTo('erase-a-person'));
    expect(err).to.equal('');
    const [, overHttp = '', onMachine, proved, listed, again] = printed;
    expect(JSON.parse(overHttp)).to.deep.include({
      subject: 'user-15',
      by: { account: 'officer', role: 'dpo' },
      verified: { events: true, views: true, keyStore: true },
    });
    expect(onMachine).to.contain('persona-5 is erased').and.to.contain('officer (system)');
    expect(proved)
      .to.match(/^\s*410\n/)
      .and.to.match(/\d+ keys, 2 erased, 0 not needed by any event/)
      .and.to.contain('in no file');
    for (const text of [listed, again]) expect(text).to.contain('user-15').and.to.contain('persona-5');
    expect(listed).to.contain('file 2026/81').and.to.contain('file 2026/82');
  });
});
