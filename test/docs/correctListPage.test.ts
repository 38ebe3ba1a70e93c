import { expect } from 'chai';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { pageServer } from '../support/pageServer.ts';

describeLong('docs/how-to/correct-a-list.md', function () {
  const server = pageServer(this);

  it('has commands that apply a corrected list, show it and undo it', async () => {
    const page = howTo('correct-a-list');
    const { printed, err } = await server.run(page);
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
