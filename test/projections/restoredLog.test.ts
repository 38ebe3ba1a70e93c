import { expect } from 'chai';
import { systemClock } from '../../src/platform/clock.ts';
import { NO_REVISION, type EventStore, type RecordedEvent } from '../../src/events/eventStore.ts';
import { viewDeclaredAs } from '../../src/projections/views/allViews.ts';
import type { FollowerStatus } from '../../src/projections/record/followerStatus.ts';
import { users } from '../../src/projections/views/users.ts';
import { event, written } from '../events/contract/steps.ts';
import { maria, socia } from '../support/decisions.ts';
import { eventually } from '../support/eventually.ts';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { readModelInFolder } from '../support/readModels.ts';
import type { ReadModelUnderTest } from './contract/examples.ts';
import { follow } from './support/follow.ts';

/** The log is put back to an older state, and the views are not removed (docs/how-to/back-up-and-restore.md). */
describe('A view after a restore of the log', () => {
  let log: MemoryLog;
  let store: EventStore;
  let tested: ReadModelUnderTest;
  let lost: RecordedEvent;

  /** The users' view follows the log until it is in that state. */
  async function followUntil(state: FollowerStatus['state']): Promise<FollowerStatus> {
    const projection = await viewDeclaredAs(users).open(1, {
      readModel: tested.readModel,
      store,
      clock: systemClock,
    });
    const runner = follow(projection, store);
    try {
      return await eventually(`the view is ${state}`, () => {
        const status = runner.status();
        return status.state === state && status;
      });
    } finally {
      await runner.stop();
    }
  }

  const persona = (id: number): Promise<unknown> =>
    written(store, `persona-${id}`, NO_REVISION, [event('PersonaRegistered', { ...maria, id })]);

  // The users' view has seen a persona that the restored log does not hold.
  beforeEach(async () => {
    log = memoryLog();
    store = memoryEventStore(log);
    tested = await readModelInFolder();
    await written(store, 'user-15', NO_REVISION, [event('UserRegistered', socia)]);
    await persona(1);
    await followUntil('live');
    lost = log.events.pop()!;
  });
  afterEach(async () => {
    await store.close();
    await tested.close();
  });

  it('pauses if the log ends before the view’s checkpoint, even if only events of others are missing', async () => {
    expect((await followUntil('paused')).lastError).to.contain('rebuild the view');
  });

  it('pauses if other events are at the positions that it has applied', async () => {
    await persona(2);
    await persona(3);
    expect((await followUntil('paused')).lastError).to.contain('rebuild the view');
  });

  it('continues with the log that it was built from', async () => {
    log.events.push(lost);
    await persona(2);
    expect(await followUntil('live')).to.deep.equal({ state: 'live', position: 3n, lastError: null });
  });
});
