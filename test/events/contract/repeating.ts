import { expect } from 'chai';
import { NO_REVISION } from '../../../src/events/eventStore.ts';
import type { EventStore, NewEvent } from '../../../src/events/eventStore.ts';
import { event, typesIn, written } from './steps.ts';

/** What happens to an append whose ids, or some of them, stand already. */
export function repeatRules(current: () => EventStore): void {
  const [a, b, c] = [event('A'), event('B'), event('C')] as const;

  beforeEach(async () => {
    await written(current(), 'persona-1', NO_REVISION, [a, b]);
    await written(current(), 'persona-1', 1, [c]);
  });

  async function outcome(expected: number, events: NewEvent[]): Promise<string> {
    const result = await current().append([{ stream: 'persona-1', expected, events }]);
    expect(await typesIn(current(), 'persona-1')).to.deep.equal(['A', 'B', 'C']);
    if (result.outcome === 'appended') return 'appended';
    expect(result.stream).to.equal('persona-1');
    return `conflict at ${result.actual}`;
  }

  it('succeed and store nothing if their ids are at those revisions, however much later', async () => {
    expect(await outcome(NO_REVISION, [a, b])).to.equal('appended');
    expect(await outcome(1, [c])).to.equal('appended');
  });

  it('are recognised by their ids alone, not by their data', async () => {
    expect(await outcome(NO_REVISION, [event('other', { n: 2 }, a.id), b])).to.equal('appended');
  });

  it('succeed with the first of the ids only', async () => {
    expect(await outcome(NO_REVISION, [a])).to.equal('appended');
  });

  it('conflict if they have more ids than are stored there', async () => {
    expect(await outcome(1, [c, event('D')])).to.equal('conflict at 2');
    expect(await outcome(NO_REVISION, [a, b, event('D')])).to.equal('conflict at 2');
  });

  it('conflict if their ids are different or in another order', async () => {
    expect(await outcome(NO_REVISION, [event('A'), event('B')])).to.equal('conflict at 2');
    expect(await outcome(NO_REVISION, [b, a])).to.equal('conflict at 2');
    expect(await outcome(NO_REVISION, [a, event('B')])).to.equal('conflict at 2');
    expect(await outcome(0, [a])).to.equal('conflict at 2');
  });

  it('are new events in another stream', async () => {
    await written(current(), 'persona-2', NO_REVISION, [a, b]);
    expect(await typesIn(current(), 'persona-2')).to.deep.equal(['A', 'B']);
  });
}
