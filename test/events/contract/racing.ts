import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { event, written } from './steps.ts';

/** What happens when many append at once. */
export function concurrencyRules(current: () => EventStore): void {
  it("on one revision have one winner; the others get the stream's revision", async () => {
    const store = current();
    const racing = Array.from({ length: 40 }, (_, i) => event('R', { i }));
    const results = await Promise.all(
      racing.map((e) => store.append([{ stream: 'persona-1', expected: NO_REVISION, events: [e] }])),
    );
    const winner = results.findIndex((result) => result.outcome === 'appended');
    const conflict = { outcome: 'conflict', stream: 'persona-1', actual: 0 };
    expect(results.filter((_, i) => i !== winner)).to.deep.equal(Array(39).fill(conflict));
    const stored = await store.readStream('persona-1', { limit: 50 });
    expect(stored.map((e) => e.id)).to.deep.equal([racing[winner]!.id]);
  });

  it('on distinct streams all succeed', async () => {
    const store = current();
    const streams = Array.from({ length: 60 }, (_, i) => `persona-${i + 1}`);
    await Promise.all(streams.map((stream) => written(store, stream, NO_REVISION, [event('A'), event('B')])));
    const log = await store.readAll(null, 1000);
    expect(log).to.have.length(120);
    for (const stream of streams) {
      const own = log.filter((e) => e.stream === stream);
      expect(own.map((e) => [e.type, e.revision])).to.deep.equal([
        ['A', 0],
        ['B', 1],
      ]);
    }
  });
}
