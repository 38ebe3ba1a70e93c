import { expect } from 'chai';
import { DEFAULT_REQUEST_LIMITS } from '../../src/http/access/limitSettings.ts';
import { openEventStream } from '../support/eventStream.ts';
import { fillGate } from '../support/fillGate.ts';
import { aPersona } from '../support/people.ts';
import { serviceForTests } from '../support/service.ts';
import { tokenOf } from '../support/tokens.ts';

describe('A streamed answer', () => {
  const gate = fillGate();
  const running = serviceForTests({
    aroundFill: gate.around,
    limits: { requests: DEFAULT_REQUEST_LIMITS },
  });
  const warnings: string[] = [];
  const take = ({ message }: Error): void => void warnings.push(message);
  before(() => {
    process.on('warning', take);
  });
  after(() => {
    process.off('warning', take);
  });

  it('listens for its end only once, so that Node does not warn of a leak', async () => {
    const token = tokenOf('admin');
    await aPersona(running().service);
    gate.close();
    const { body } = await running().send('POST', '/admin/projections/personas/rebuild', { token });
    const path = `/admin/jobs/${(body as { id: string }).id}/events`;
    const stream = await openEventStream(running().service.url + path, token);
    await stream.next();
    stream.close();
    gate.open();
    await running().send('GET', '/audit', { token, headers: { accept: 'text/csv' } });
    expect(warnings).to.deep.equal([]);
  });
});
