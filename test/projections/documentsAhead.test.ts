import { expect } from 'chai';
import type { RecordedEvent } from '../../src/events/eventStore.ts';
import { documentsAhead } from '../../src/projections/folding/documentsAhead.ts';
import { emptyDocument } from '../../src/projections/folding/fold.ts';
import type { ViewDocument } from '../../src/projections/ports/documents.ts';
import { users } from '../../src/projections/views/users.ts';

describe('Documents that are loaded ahead', () => {
  /** Events of these users. */
  const eventsOf = (...ids: number[]): RecordedEvent[] =>
    ids.map((id) => ({ stream: `user-${id}` }) as RecordedEvent);
  const documentAt = (id: number, revision: number): ViewDocument => ({ ...emptyDocument(id), revision });

  function view() {
    const loads: number[][] = [];
    const ahead = documentsAhead(users, {
      async load(ids) {
        loads.push([...ids]);
        return ids.map((id) => documentAt(id, 0));
      },
    });
    return { loads: () => loads.filter(({ length }) => length > 0), ahead };
  }

  const [first, second] = [eventsOf(1, 2), eventsOf(2, 3)];

  it('are not loaded again', async () => {
    const { loads, ahead } = view();
    ahead.prepare(second, first);
    ahead.wrote(first, [documentAt(1, 1), documentAt(2, 1)]);
    const loaded = await ahead.of(second).load([2, 3]);
    expect(loaded).to.have.deep.members([documentAt(2, 1), documentAt(3, 0)]);
    expect(loads()).to.deep.equal([[3]]);
  });

  it('do not count if the batch before was not written', async () => {
    const { loads, ahead } = view();
    ahead.prepare(second, first);
    expect(await ahead.of(second).load([2, 3])).to.deep.equal([documentAt(2, 0), documentAt(3, 0)]);
    expect(loads()).to.deep.equal([[3], [2, 3]]);
  });

  it('are loaded from the view where the batch before did not change them, or parked them', async () => {
    const { ahead } = view();
    ahead.prepare(second, first);
    ahead.wrote(first, [documentAt(1, 1)]);
    expect(await ahead.of(second).load([2, 3])).to.have.deep.members([documentAt(2, 0), documentAt(3, 0)]);

    ahead.wrote(first, [{ ...documentAt(2, 1), parked: { attempts: 1 } as ViewDocument['parked'] }]);
    expect(await ahead.of(second).load([2, 3])).to.have.deep.members([documentAt(2, 0), documentAt(3, 0)]);
  });

  it('fail where they are needed, as loading them then would', async () => {
    const ahead = documentsAhead(users, { load: () => Promise.reject(new Error('the view is away')) });
    ahead.prepare(second, first);
    ahead.wrote(first, []);
    const failure = await ahead
      .of(second)
      .load([3])
      .catch((error: unknown) => error);
    expect(failure).to.be.an('error').with.property('message', 'the view is away');
  });
});
