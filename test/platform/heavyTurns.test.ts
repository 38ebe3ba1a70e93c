import { expect } from 'chai';
import { setImmediate as nextTick } from 'node:timers/promises';
import { createHeavyTurns } from '../../src/platform/concurrency/heavyTurns.ts';

describe('Turns for heavy work', () => {
  it('are granted one per tick of the event loop, first come, first served', async () => {
    const turns = createHeavyTurns();
    const begun: string[] = [];
    for (const name of ['first', 'second', 'third']) void turns.next().then(() => begun.push(name));
    const seen: string[][] = [];
    for (let tick = 0; tick < 4; tick += 1) {
      seen.push([...begun]);
      await nextTick();
    }
    expect(seen).to.deep.equal([[], ['first'], ['first', 'second'], ['first', 'second', 'third']]);
  });

  it('are granted again after a time without heavy work', async () => {
    const turns = createHeavyTurns();
    await turns.next();
    await nextTick();
    await turns.next();
  });
});
