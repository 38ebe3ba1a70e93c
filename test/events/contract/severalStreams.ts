import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { EventStore, StreamAppend } from '../../../src/events/eventStore.ts';
import { event, failureOf, hashedStream, typesIn, written } from './steps.ts';

/** What one append does to several streams. */
export function multiStreamRules(current: () => EventStore): void {
  it('appends to the streams in the given order and returns the last position', async () => {
    const store = current();
    const result = await store.append([
      { stream: hashedStream('reservation', 'z'), expected: NO_REVISION, events: [event('R1'), event('R2')] },
      { stream: 'persona-1', expected: NO_REVISION, events: [event('P')] },
      { stream: hashedStream('key', 'a'), expected: NO_REVISION, events: [event('K')] },
    ]);
    const log = await store.readAll(null, 10);
    expect(log.map((e) => e.type)).to.deep.equal(['R1', 'R2', 'P', 'K']);
    expect(result).to.deep.equal({ outcome: 'appended', position: log.at(-1)!.position });
  });

  it('is all or nothing on an atomic store; on others a conflict stops it before that stream', async () => {
    const store = current();
    await written(store, 'persona-2', NO_REVISION, [event('before')]);
    const result = await store.append([
      { stream: 'persona-1', expected: NO_REVISION, events: [event('A')] },
      { stream: 'persona-2', expected: NO_REVISION, events: [event('B')] },
      { stream: 'persona-3', expected: NO_REVISION, events: [event('C')] },
    ]);
    expect(result).to.deep.equal({ outcome: 'conflict', stream: 'persona-2', actual: 0 });
    expect(await typesIn(store, 'persona-1')).to.deep.equal(store.atomic ? [] : ['A']);
    expect(await typesIn(store, 'persona-2')).to.deep.equal(['before']);
    expect(await typesIn(store, 'persona-3')).to.deep.equal([]);
  });

  it('stores the missing part of a repeat whose first stream is already stored', async () => {
    const store = current();
    const appends: StreamAppend[] = [
      { stream: hashedStream('reservation', 'z'), expected: NO_REVISION, events: [event('R')] },
      { stream: 'persona-1', expected: NO_REVISION, events: [event('P')] },
    ];
    await store.append(appends.slice(0, 1));
    expect((await store.append(appends)).outcome).to.equal('appended');
    expect((await store.readAll(null, 10)).map((e) => e.type)).to.deep.equal(['R', 'P']);
  });

  for (const [what, appends] of [
    ['names a stream twice', [one('persona-1'), one('persona-1')]],
    ['has a stream without events', [one('persona-1'), { ...one('persona-3'), events: [] }]],
    ['expects what is not a revision', [{ ...one('persona-1'), expected: 0.5 }]],
  ] as const) {
    it(`rejects an append that ${what}, for that caller only`, async () => {
      const store = current();
      const [refused, stored] = await Promise.all([
        failureOf(store.append(appends)),
        store.append([one('persona-2')]),
      ]);
      expect(refused).to.be.instanceOf(TypeError);
      expect(stored.outcome).to.equal('appended');
      expect(await typesIn(store, 'persona-1')).to.deep.equal([]);
    });
  }
}

const one = (stream: string): StreamAppend => ({ stream, expected: NO_REVISION, events: [event('A')] });
