import { expect } from 'chai';
import { createSecretKey } from 'node:crypto';
import { persona } from '../../src/domain/persona.ts';
import { user } from '../../src/domain/user.ts';
import type { DomainEvent } from '../../src/events/types.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { registerDemoPeople } from '../../src/service/demo.ts';
import { maria, stateAfter } from '../support/decisions.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { SOCIA } from '../support/people.ts';

const NOW = '2026-03-01T10:00:00.000Z';
const MONTH_BEGAN = '2026-03-01T00:00:00.000Z';
const key = createSecretKey(Buffer.alloc(32, 7));

describe('The demo people', () => {
  const log = memoryLog();
  before(() =>
    registerDemoPeople({ store: memoryEventStore(log), key, clock: { ...systemClock, now: () => NOW } }),
  );
  const eventsOf = (stream: string) => log.events.filter((event) => event.stream === stream);
  const happenedTo = (stream: string) =>
    eventsOf(stream).map(({ type, data }) => ({ type, data }) as unknown as DomainEvent);

  it('are by now as the documented examples have them', () => {
    expect(stateAfter(user, happenedTo('user-15'))).to.include({ ...SOCIA, IdUsuario: 15 });
    expect(stateAfter(persona, happenedTo('persona-5'))).to.deep.equal(maria);
  });

  it('have a past of months that ends before now, in the order of the log', () => {
    const history = log.events.filter(({ stream }) => ['user-15', 'persona-5'].includes(stream));
    const instants = history.map(({ metadata }) => metadata.occurredAt);
    expect(instants).to.deep.equal([...instants].sort());
    expect(instants[0]).to.equal('2025-07-04T10:00:00.000Z');
    expect(instants.at(-1)! < NOW).to.equal(true);
  });

  it('had another fee at the end of last month, and more than one account changed it', () => {
    const fees = eventsOf('user-15').filter(({ data }) => JSON.stringify(data).includes('"cuota":{'));
    expect(fees.map(({ metadata: { actor, reason } }) => [actor.account, reason])).to.deep.equal([
      ['tesoreria', 'Acuerdo de la asamblea'],
      ['presidencia', 'Cuota reducida'],
    ]);
    const instants = fees.map(({ metadata }) => metadata.occurredAt);
    expect(instants[0]! < MONTH_BEGAN && instants[1]! > MONTH_BEGAN).to.equal(true);
  });
});
