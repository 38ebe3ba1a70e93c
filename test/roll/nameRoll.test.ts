import { expect } from 'chai';
import { withDeadline } from '../../src/commands/loading/waits.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { ROLLS_STREAM } from '../../src/events/streams.ts';
import type { IdempotencyKeys } from '../../src/commands/claims/idempotencyKeys.ts';
import { systemRequest } from '../../src/imports/update/systemRequest.ts';
import { nameRoll } from '../../src/roll/named/nameRoll.ts';
import { readRolls } from '../../src/roll/named/rollLog.ts';
import { event, written } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { immediateClock } from '../support/processes.ts';

const AT = '2026-01-01T00:00:00.000Z';
const DIGEST = { count: 2, digest: 'the digest', erased: 0 };

describe('Naming a roll', () => {
  let store: EventStore;
  let folds: number;

  beforeEach(() => {
    store = memoryEventStore(memoryLog());
    folds = 0;
  });

  /** Names the roll "Elections"; `onFold` runs while it is folded. */
  const named = (over: EventStore, onFold: () => Promise<void> = async () => undefined) =>
    nameRoll(
      {
        store: over,
        keys: {} as IdempotencyKeys,
        clock: immediateClock,
        withDeadline: (work) => withDeadline(undefined, work),
        async digest() {
          folds += 1;
          await onFold();
          return DIGEST;
        },
      },
      { name: 'Elections', kind: 'users', at: Date.parse(AT) },
      systemRequest('c-1', undefined),
    );

  /** Another instance fixes and names a roll after the event at `revision`. */
  async function nameElsewhere(name: string, revision: number): Promise<void> {
    await written(store, ROLLS_STREAM, revision, [
      event('RollFixed', { kind: 'users', at: AT }),
      event('RollNamed', { fixed: revision + 1, name, count: 1, digest: 'another digest' }),
    ]);
  }

  /** The store, on which another instance names a roll just before the first append. */
  function overtakenBy(name: string): EventStore {
    let appends = 0;
    return {
      ...store,
      async append(...given) {
        appends += 1;
        if (appends === 1) await nameElsewhere(name, NO_REVISION);
        return store.append(...given);
      },
    };
  }

  it('is refused without a fold if another instance takes the name first', async () => {
    expect(await named(overtakenBy('elections'))).to.deep.equal({ rejection: 'taken' });
    expect(folds).to.equal(0);
  });

  it('is refused if another instance takes the name during the fold', async () => {
    expect(await named(store, () => nameElsewhere('ELECTIONS', 0))).to.deep.equal({ rejection: 'taken' });
    expect((await readRolls(store)).rolls.map(({ name }) => name)).to.deep.equal(['ELECTIONS']);
  });

  it('is fixed and folded once although another instance names another roll first', async () => {
    const outcome = await named(overtakenBy('Budget'));
    expect(outcome)
      .to.have.property('roll')
      .that.includes({ id: 2, name: 'Elections', digest: 'the digest' });
    expect(folds).to.equal(1);
    const { rolls, fixed } = await readRolls(store);
    expect(rolls.map(({ name, fixed: at }) => [name, at])).to.deep.equal([
      ['Budget', 0],
      ['Elections', 2],
    ]);
    expect(fixed).to.have.lengthOf(2);
  });

  it('reads and appends nothing without a deadline', async () => {
    const calls: boolean[] = [];
    const noted: EventStore = {
      ...store,
      readStream(stream, options) {
        calls.push(options.deadline !== undefined);
        return store.readStream(stream, options);
      },
      append(appends, options) {
        calls.push(options?.deadline !== undefined);
        return store.append(appends, options);
      },
    };
    expect(await named(noted)).to.have.property('roll');
    expect(calls).to.have.lengthOf.at.least(6);
    expect(calls).to.not.include(false);
  });
});
