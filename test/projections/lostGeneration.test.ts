import { expect } from 'chai';
import { createCommandSide } from '../../src/commands/handling/commandSide.ts';
import { monotonicClock, systemClock } from '../../src/platform/clock.ts';
import { createFirstBuilds } from '../../src/projections/maintaining/firstBuild.ts';
import { maintainView } from '../../src/projections/maintaining/maintainView.ts';
import type { Leases } from '../../src/platform/lease.ts';
import { buildInThisThread } from '../../src/projections/rebuild/buildGeneration.ts';
import { viewDeclaredAs } from '../../src/projections/views/allViews.ts';
import { users } from '../../src/projections/views/users.ts';
import { eventually } from '../support/eventually.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { memoryReadModel, memoryViews } from '../support/memoryReadModel.ts';
import { aUser } from '../support/people.ts';
import { TEST_KEY } from '../support/processes.ts';

describe('A view whose current generation was dropped, as by an interrupted sweep of its version', () => {
  it('is rebuilt by its maintainer', async () => {
    const store = memoryEventStore(memoryLog());
    await aUser({ commands: createCommandSide({ store, key: TEST_KEY, clock: systemClock }) });
    const readModel = memoryReadModel(memoryViews(), { leases: {} as Leases });
    const whileMaintained = async (what: string, generation: number): Promise<void> => {
      const maintainer = maintainView({
        view: viewDeclaredAs(users),
        readModel,
        store,
        clock: systemClock,
        timer: monotonicClock,
        firstBuilds: createFirstBuilds({ store, timer: monotonicClock }),
        fill: buildInThisThread({ readModel, store, clock: systemClock }),
        onChange: () => undefined,
        onJob: () => undefined,
      });
      const isCurrent = async (): Promise<boolean> =>
        (await readModel.controls.read(users))?.control.live === generation;
      await eventually(what, isCurrent).finally(() => maintainer.stop());
    };
    await whileMaintained('it is shown', 1);
    await readModel.drop(users, 1);
    await whileMaintained('it is shown again', 2);
    const [document] = await readModel.shown(users).scan({ after: 0, limit: 10 });
    expect(document?.body).to.be.an('object');
    expect((await readModel.controls.read(users))?.control.jobs[0]).to.include({ state: 'done' });
  });
});
