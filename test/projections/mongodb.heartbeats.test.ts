import { expect } from 'chai';
import { createHeartbeats } from '../../src/projections/stores/mongodb/heartbeats.ts';
import { manualClock } from '../support/manualClock.ts';

const [BEAT, EXPIRY] = [500, 2_500];
const NAMES = ['history', 'personas', 'users', 'verifications'];

/** A server that knows which leases this process still holds, and counts what it is asked. */
function serverWith(holders: Set<string>) {
  const asked: string[] = [];
  const matching = (names: readonly string[]): { matchedCount: number } => ({
    matchedCount: names.filter((name) => holders.has(name)).length,
  });
  const documents = {
    async updateMany({ $or }: { $or: { _id: string }[] }) {
      asked.push('beat for all');
      return matching($or.map(({ _id }) => _id));
    },
    async updateOne({ _id }: { _id: string }, change: object) {
      asked.push('$inc' in change ? `beat for ${_id}` : `release of ${_id}`);
      return matching([_id]);
    },
  };
  return { asked, store: { collection: documents as never, maxTimeMS: 1_000 } };
}

describe('The heartbeats of an instance that holds several leases', () => {
  const holders = new Set<string>();
  beforeEach(() => {
    for (const name of NAMES) holders.add(name);
  });

  function holding() {
    const clock = manualClock();
    const { asked, store } = serverWith(holders);
    const heartbeats = createHeartbeats(store, { clock, beatMs: BEAT, expiryMs: EXPIRY });
    const leases = NAMES.map((name) =>
      heartbeats.hold({ ours: { _id: name, fence: 1, holder: 'me' }, since: clock.now() }),
    );
    /** Lets so many beats pass, each with its answer. */
    async function beats(count: number): Promise<void> {
      for (let n = 0; n < count; n += 1) {
        clock.advance(BEAT);
        await new Promise(setImmediate);
      }
    }
    const lost = (): string[] => NAMES.filter((_, n) => leases[n]?.lost.aborted);
    return { asked, leases, beats, lost };
  }

  it('are one command for all of them, which keeps each beyond its expiry', async () => {
    const { asked, beats, lost } = holding();
    await beats(10);
    expect(lost()).to.deep.equal([]);
    expect(asked).to.deep.equal(Array<string>(10).fill('beat for all'));
  });

  it('show which one another instance has taken, and keep the others', async () => {
    const { asked, beats, lost } = holding();
    holders.delete('users');
    await beats(1);
    expect(lost()).to.deep.equal(['users']);
    expect(asked).to.deep.equal(['beat for all', ...NAMES.map((name) => `beat for ${name}`)]);
    await beats(10);
    expect(lost()).to.deep.equal(['users']);
    expect(asked.slice(5)).to.deep.equal(Array<string>(10).fill('beat for all'));
  });

  it('end with the last lease', async () => {
    const { asked, leases, beats } = holding();
    await Promise.all(leases.map((lease) => lease.release()));
    await beats(10);
    expect(asked).to.deep.equal(NAMES.map((name) => `release of ${name}`));
  });
});
