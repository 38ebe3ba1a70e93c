import { expect } from 'chai';
import { persona, personaDni } from '../../src/domain/persona.ts';
import { systemOrigin } from '../../src/events/newEvent.ts';
import { holderOrLast } from '../../src/history/holders.ts';
import { event, written } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { testProcess } from '../support/processes.ts';

describe('The subject whose history a DNI names', () => {
  const log = memoryLog();
  const store = memoryEventStore(log);
  const { commands, register, update } = testProcess(store);
  const named = (dni: string) => holderOrLast(commands, store, persona, personaDni(dni));

  /** A later claim on a DNI by a person whose registration failed. */
  async function claimInVain(dni: string): Promise<void> {
    const by = { owner: 'persona-9', revision: 0 };
    const { stream } = commands.reservations.firstClaim(personaDni(dni), {
      ...by,
      origin: systemOrigin('c'),
    });
    const revision = log.events.filter((one) => one.stream === stream).length - 1;
    await written(store, stream, revision, [event('ValueClaimed', by)]);
  }

  it('is its holder, or else who held it last, never one who only claimed it', async () => {
    await register({ dni: '1', cuenta: 'ana' });
    expect(await named('1')).to.equal('persona-1');
    await update('ana', { dni: '2' });
    await claimInVain('1');
    await claimInVain('3');
    expect(await named('1')).to.equal('persona-1');
    expect(await named('2')).to.equal('persona-1');
    expect(await named('3')).to.equal(null);
    expect(await named('4')).to.equal(null);
  });

  it('is the present holder if somebody else held it before', async () => {
    await register({ dni: '1', cuenta: 'ben' });
    expect(await named('1')).to.equal('persona-2');
  });
});
