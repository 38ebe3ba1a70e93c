import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { everything } from './following.ts';
import { event, failureOf, written } from './steps.ts';

/** What closing waits for. */
export function closeRules(current: () => EventStore): void {
  it('finishes accepted appends, and accepts none afterwards', async () => {
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

  it('may be called several times, concurrently and in sequence', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A')]);
    await Promise.all([store.close(), store.close()]);
    await store.close();
  });

  it('ends subscriptions without an error', async () => {
    const store = current();
    let batches = 0;
    for await (const batch of store.subscribe({ ...everything(), signal: new AbortController().signal })) {
      batches += 1;
      if (batch.caughtUp) void store.close();
    }
    expect(batches).to.equal(1);
  });
}
