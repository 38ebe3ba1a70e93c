import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { event, failureOf, written } from './steps.ts';

/** What closing waits for. */
export function closeRules(current: () => EventStore): void {
  it('finishes the appends that were accepted, and accepts none afterwards', async () => {
    const store = current();
    const accepted = Array.from({ length: 10 }, (_, i) =>
      written(store, `persona-${i + 1}`, NO_REVISION, [event('A')]),
    );
    const closed = store.close();
    await Promise.all(accepted);
    await closed;
    const late = store.append([{ stream: 'persona-99', expected: NO_REVISION, events: [event('A')] }]);
    expect(await failureOf(late)).to.include({ name: 'EventStoreError', outcomeUnknown: false });
  });
}
