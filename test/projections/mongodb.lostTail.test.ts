import { expect } from 'chai';
import { MongoClient } from 'mongodb';
import { systemClock } from '../../src/platform/clock.ts';
import { openMongoReadModel } from '../../src/projections/stores/mongodb/readModel.ts';
import { projectedViews } from '../../src/projections/views/allViews.ts';
import { eventually } from '../support/eventually.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { describeOnMongo, testDatabase } from '../support/mongodb.ts';
import { testProcess } from '../support/processes.ts';
import { follow } from './support/follow.ts';

const LIMITS = { page: 10, documents: 10, atOnce: 10, rows: 10, unwrittenMs: 1 };

describeOnMongo('A MongoDB that lost its last acknowledged writes, both data and checkpoint', () => {
  for (const name of ['history', 'personas'] as const) {
    it(`gets them again, without a gap, from the running projection of ${name}`, async () => {
      const database = testDatabase();
      const readModel = await openMongoReadModel({ url: database.url });
      const client = new MongoClient(database.url);
      const log = memoryLog();
      const store = memoryEventStore(log);
      const people = testProcess(store);
      const view = projectedViews().find((one) => one.name === name);
      if (!view) throw new Error(name);
      const projection = await view.open(1, { readModel, store, clock: systemClock });
      if (name === 'history') await projection.filling(LIMITS).seal();
      const runner = follow(projection, store);

      let registered = 0;
      async function register(count: number): Promise<void> {
        for (let n = 0; n < count; n += 1) {
          await people.register({ dni: `D${registered}`, cuenta: `c${registered}` });
          registered += 1;
        }
      }
      async function caughtUp(): Promise<void> {
        const end = log.events.at(-1)?.position ?? 0n;
        await eventually(
          `the view is at ${end}`,
          async () => ((await projection.checkpoint())?.position ?? 0n) >= end,
        );
      }

      try {
        const data = client.db().collection(`${view.name}_v${view.version}_g1`);
        const controls = client.db().collection('controls');
        const control = { _id: `${view.name}@${view.version}` as never };
        await register(10);
        await caughtUp();
        const known = await data.distinct('_id');
        const before = await controls.findOne(control);
        await register(5);
        await caughtUp();
        await data.deleteMany({ _id: { $nin: known } });
        await controls.updateOne(control, { $set: { generations: before?.['generations'] as unknown } });

        await register(10);
        await caughtUp();
        expect(await data.countDocuments({})).to.equal(registered);
      } finally {
        await runner.stop();
        await client.close();
        await readModel.close();
        await database.drop();
      }
    });
  }
});
