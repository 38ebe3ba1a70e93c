import { expect } from 'chai';
import { NO_SKIPS } from '../../src/events/bookkeeping/skips.ts';
import { NO_REVISION, type StreamStart } from '../../src/events/eventStore.ts';
import { foldSubjects } from '../../src/roll/reading/foldSubjects.ts';
import { userRoll } from '../../src/roll/rollKinds.ts';

describe('The roll over the tombstone of a subject without events', () => {
  it('reads no revision that cannot exist, which EventStoreDB would refuse', async () => {
    const asked: StreamStart[] = [];
    const store = {
      async readStreams(starts: readonly StreamStart[]) {
        asked.push(...starts);
        return starts.map(() => []);
      },
    };
    const dependencies = {
      store,
      aggregate: userRoll.view.aggregate,
      skips: NO_SKIPS,
      trustsDocuments: true,
    };
    const tombstone = { id: 7, revision: NO_REVISION, body: null, parked: null };
    const folded = await foldSubjects(dependencies, [tombstone], [{ at: Date.now(), upTo: 10n }]);
    expect(folded).to.deep.equal([[{ id: 7, state: null, behind: false }]]);
    expect(asked).to.deep.equal([{ stream: 'user-7', from: 0 }]);
  });
});
