import fc from 'fast-check';
import { unfinished } from '../../src/projections/record/viewRecord.ts';
import { VIEWS } from '../../src/projections/views/allViews.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import type { ViewDeclaration } from '../../src/projections/record/viewDeclaration.ts';
import { eventually } from '../support/eventually.ts';
import { newFolder, removeFolder } from '../support/folder.ts';
import { expectViewsEqualFold } from './support/compare.ts';
import { dyingReadModel } from './support/dyingReadModel.ts';
import { startPadron, type Padron } from './support/process.ts';
import { work } from './support/work.ts';
import { amountOf } from '../support/long.ts';

/** PROPERTY_RUNS makes it longer. */
const RUNS = amountOf('PROPERTY_RUNS', { short: 4, long: 8 });

const steps = fc.array(fc.nat(200), { maxLength: 15 });
const view = fc.constantFrom('personas' as const, 'users' as const, 'history' as const);
const order = fc.record({
  view,
  kind: fc.constantFrom('rebuild' as const, 'rebuild' as const, 'rollback' as const),
});

/** What one process does before it dies at one of its calls to the read model. */
const life = fc.record({
  before: steps,
  orders: fc.array(order, { maxLength: 3 }),
  after: steps,
  calls: fc.nat(120),
});

describe('Views that are rebuilt while processes die', function () {
  this.timeout(60_000 + RUNS * 10_000);

  it('equal the fold of the events for any history and any moments of death', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 3 }), steps, async (lives, rest) => {
        const folder = newFolder();
        for (const one of lives) await live(folder, one);
        const last = await startPadron(folder);
        try {
          await work(last, rest);
          await noJobLeft(last);
          await expectViewsEqualFold(last);
        } finally {
          await last.stop();
          removeFolder(folder);
        }
      }),
      { numRuns: RUNS },
    );
  });
});

async function live(
  folder: string,
  { before, orders, after, calls }: typeof life extends fc.Arbitrary<infer Life> ? Life : never,
): Promise<void> {
  let isDead = (): boolean => false;
  let immortal: ReadModel | null = null;
  const padron = await startPadron(folder, {
    aroundReadModel: (readModel) => {
      immortal = readModel;
      const dying = dyingReadModel(readModel, calls);
      isDead = dying.isDead;
      return dying.readModel;
    },
  });
  await work(padron, before);
  for (const { view: name, kind } of orders) await padron.jobs[kind](name).catch(() => null);
  await work(padron, after);
  await eventually('the death, or the end of the work', async () => isDead() || (await isIdle(immortal!)));
  await padron.stop();
}

async function isIdle(readModel: ReadModel): Promise<boolean> {
  const stored = await Promise.all(
    (Object.values(VIEWS) as ViewDeclaration[]).map((one) => readModel.controls.read(one)),
  );
  return stored.every((one) => one && one.control.live !== null && !unfinished(one.control));
}

/** What one process began, the next one finishes. */
const noJobLeft = ({ readModel }: Padron): Promise<boolean> =>
  eventually('no job is left', () => isIdle(readModel));
