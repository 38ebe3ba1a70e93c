import { expect } from 'chai';
import { NO_REVISION, lastEventOf } from '../../../src/events/eventStore.ts';
import type { EventStore } from '../../../src/events/eventStore.ts';
import { event, failureOf, typesIn, written } from './steps.ts';

/** What one append does to one stream. */
export function appendRules(current: () => EventStore): void {
  it('stores the first events of a stream from revision 0 and counts on from there', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    await written(store, 'persona-1', 1, [event('C')]);
    const stored = await store.readStream('persona-1', { limit: 10 });
    expect(stored.map(({ type, revision }) => [type, revision])).to.deep.equal([
      ['A', 0],
      ['B', 1],
      ['C', 2],
    ]);
  });

  it('returns the position of the last event', async () => {
    const store = current();
    const position = await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    expect((await lastEventOf(store, 'persona-1'))?.position).to.equal(position);
  });

  it('reports a conflict with the stream and its revision, and stores nothing', async () => {
    const store = current();
    await written(store, 'persona-1', NO_REVISION, [event('A'), event('B')]);
    for (const expected of [NO_REVISION, 0, 2, 9]) {
      const result = await store.append([{ stream: 'persona-1', expected, events: [event('X')] }]);
      expect(result).to.deep.equal({ outcome: 'conflict', stream: 'persona-1', actual: 1 });
    }
    expect(await typesIn(store, 'persona-1')).to.deep.equal(['A', 'B']);
  });

  it('reports NO_REVISION for a stream without events', async () => {
    const store = current();
    const result = await store.append([{ stream: 'persona-1', expected: 0, events: [event('X')] }]);
    expect(result).to.deep.equal({ outcome: 'conflict', stream: 'persona-1', actual: NO_REVISION });
  });

  it('returns data and metadata as they were appended', async () => {
    const store = current();
    const sent = event('A', {
      text: 'Ñandú € 😀 "\\\n\u2028',
      none: null,
      list: [1, 0.1, [true, {}]],
      deep: { a: '' },
    });
    sent.metadata.reason = 'porque sí: ß, 日本';
    sent.metadata.revertTo = 0;
    await written(store, 'persona-1', NO_REVISION, [sent]);
    const [got] = await store.readStream('persona-1', { limit: 1 });
    expect(got).to.deep.equal({ ...sent, stream: 'persona-1', revision: 0, position: got!.position });
    expect(await store.readAll(null, 1)).to.deep.equal([got]);
  });

  it('rejects what JSON cannot hold before it stores any of it', async () => {
    const store = current();
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const data of [{ n: 1n }, cycle]) {
      const appends = [
        { stream: 'persona-1', expected: NO_REVISION, events: [event('A')] },
        { stream: 'persona-2', expected: NO_REVISION, events: [event('B', data)] },
      ];
      expect(await failureOf(store.append(appends))).to.be.instanceOf(Error);
    }
    expect(await store.readAll(null, 10)).to.deep.equal([]);
  });

  it('rejects an append without events before it stores any of it', async () => {
    const store = current();
    const appends = [
      { stream: 'persona-1', expected: NO_REVISION, events: [event('A')] },
      { stream: 'persona-2', expected: NO_REVISION, events: [] },
    ];
    expect(await failureOf(store.append(appends))).to.be.instanceOf(Error);
    expect(await store.readAll(null, 10)).to.deep.equal([]);
  });
}
