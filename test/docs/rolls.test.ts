import { expect } from 'chai';
import { howTo } from '../support/howTo.ts';
import { describeLong } from '../support/long.ts';
import { pageServer } from '../support/pageServer.ts';
import { REGISTERED_DAYS_AGO } from '../../src/service/demoPast.ts';

/** Whether the demo people had been registered by the end of 2025: that depends on the day of the test. */
const wereThere = Date.now() - REGISTERED_DAYS_AGO * 86_400_000 <= Date.parse('2025-12-31T23:59:59.999Z');

describeLong('Commands on pages about rolls', function () {
  const server = pageServer(this, { forEachTest: true });

  it('show rolls, changes and named rolls (rolls.md)', async () => {
    const { printed, err } = await server.run(howTo('../reference/rolls'));
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

  it('show the roll on 1 January', async () => {
    const { printed, err } = await server.run(howTo('the-roll-on-1-january'));
    expect(err).to.equal('');
    const [roll, , table] = printed;
    expect(roll)
      .to.contain(wereThere ? '{"users":[{"IdUsuario":15,' : '{"users":[],')
      .and.to.contain('"next":null,"at":"2025-12-31T23:59:59.999Z"}');
    expect(table).to.match(/^IdUsuario +nombre/m);
  });

  it('show who joined and left in a year', async () => {
    const { printed, err } = await server.run(howTo('who-joined-and-left'));
    expect(err).to.equal('');
    const [counts, table] = printed;
    const joined = Number(wereThere);
    expect(counts).to.contain(`{"joined":${joined},"left":0,"changed":0,"before":0,"after":${joined}}`);
    expect(table).to.match(/^kind +id +dni/m);
  });

  it('freeze a roll and prove it', async () => {
    const { printed, err } = await server.run(howTo('freeze-a-roll'));
    expect(err).to.equal('');
    const [named, list, verified, since] = printed;
    expect(named).to.contain('"name":"Elections 2026","kind":"users","at":"2025-12-31T23:59:59.999Z"');
    expect(list).to.contain('{"rolls":[{"id":1,"name":"Elections 2026"');
    expect(verified).to.contain('"matches":true').and.to.contain('"erasedSince":0');
    expect(since).to.contain(`{"kind":"${wereThere ? 'changed' : 'joined'}","id":15,`);
  });
});
