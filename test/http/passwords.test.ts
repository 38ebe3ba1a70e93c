import bcrypt from 'bcrypt';
import { expect } from 'chai';
import { createDeadline } from '../../src/platform/deadline.ts';
import { hashPassword, hashQueue } from '../../src/http/access/passwords.ts';
import { manualClock } from '../support/manualClock.ts';

describe('Passwords', () => {
  it('are hashed at most two at a time; one that waits past its deadline is refused and not hashed', async () => {
    const deadlines = [1, 2, 3].map(() => createDeadline(1_000, manualClock()));
    const hashes = deadlines.map((deadline) => hashPassword('correct horse', deadline));
    const third = hashes[2]?.catch((error: unknown) => (error as { code: string }).code);
    expect(hashQueue()).to.deep.equal({ running: 2, waiting: 1 });
    // The first two have begun and are not stopped any more.
    for (const deadline of deadlines) deadline.cancel();
    for (const hash of hashes.slice(0, 2)) {
      expect(await bcrypt.compare('correct horse', await hash)).to.equal(true);
    }
    expect(await third).to.equal('unavailable');
    expect(hashQueue()).to.deep.equal({ running: 0, waiting: 0 });
  });
});
