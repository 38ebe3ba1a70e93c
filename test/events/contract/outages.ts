import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { OpenedEventStore } from '../eventStoreContract.ts';
import { upTo } from './following.ts';
import { event, failureOf, written } from './steps.ts';

/** What happens while the store cannot reach its storage, and afterwards. */
export function outageRules(current: () => OpenedEventStore): void {
  it('survives an outage without an error and delivers every event after it', async function () {
    const { store, interrupted } = current();
    if (!interrupted) this.skip();
    await written(store, 'persona-1', NO_REVISION, [event('before')]);
    const seen = await upTo(store, {}, async ({ events }) => {
      if (events.length > 1) return true;
      await interrupted(async () => {
        expect(await failureOf(store.readAll(null, 10))).to.include({ name: 'EventStoreError' });
      });
      await written(store, 'persona-1', 0, [event('after')]);
      return false;
    });
    const types = new Set(seen.events.map(({ type }) => type));
    expect([...types]).to.deep.equal(['before', 'after']);
  });
}
