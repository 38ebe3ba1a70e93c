import { expect } from 'chai';
import { createDeadline } from '../../../src/platform/deadline.ts';
import { NO_REVISION, type CallOptions, type EventStore } from '../../../src/events/eventStore.ts';
import { event, failureOf, typesIn, written } from './steps.ts';

const calls: Record<string, (store: EventStore, call: CallOptions) => Promise<unknown>> = {
  append: (store, call) =>
    store.append([{ stream: 'persona-2', expected: NO_REVISION, events: [event('A')] }], call),
  readStream: (store, call) => store.readStream('persona-1', { limit: 1, ...call }),
  readAll: (store, call) => store.readAll(null, 1, call),
  head: (store, call) => store.head(call),
  countAfter: (store, call) => store.countAfter(null, call),
  holds: (store, call) => store.holds({ position: 1n, id: event('A').id }, call),
  reaches: (store, call) => store.reaches(1n, call),
};

/** What a deadline does to a call. */
export function deadlineRules(current: () => EventStore): void {
  for (const [name, call] of Object.entries(calls)) {
    it(`${name} works before its deadline, and rejects without effect after it`, async () => {
      const store = current();
      await written(store, 'persona-1', NO_REVISION, [event('A')]);

      const passed = createDeadline(0);
      expect(await failureOf(call(store, { deadline: passed }))).to.include({
        name: 'EventStoreError',
        outcomeUnknown: false,
      });
      expect(await typesIn(store, 'persona-2')).to.deep.equal([]);

      const ahead = createDeadline(60_000);
      await call(store, { deadline: ahead });
      ahead.release();
    });
  }
}
