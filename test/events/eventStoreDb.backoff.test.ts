import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { backoff } from '../../src/events/stores/eventstoredb/calls/budget.ts';

describe('The pause before a call to EventStoreDB is repeated', () => {
  it('can be taken by many calls at once without a warning of leaked listeners', async () => {
    const warnings: string[] = [];
    const take = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', take);
    await Promise.all(Array.from({ length: 50 }, () => backoff(0, 1)));
    await nextTurn();
    process.off('warning', take);
    expect(warnings).to.deep.equal([]);
  });
});
