import fc from 'fast-check';
import { planOf } from './plan.ts';
import { play } from './run.ts';
import { WORLDS } from './worlds.ts';
import { amountOf } from '../support/long.ts';

/** Runs of each kind of world; CI has more. */
const RUNS = amountOf('MODEL_RUNS', { short: 8, long: 15 });
const SEED = process.env['MODEL_SEED'];
const PATH = process.env['MODEL_PATH'];
/** Lines of the schedule that a failure prints. */
const SHOWN_LINES = Number(process.env['MODEL_LINES'] ?? 150);

describe('Two instances over one log and one read model, against a model', function () {
  this.timeout(60_000 + RUNS * 1_000);

  for (const world of WORLDS) {
    it(`keep every promise in random histories: ${world.name}`, async () => {
      await fc.assert(
        fc.asyncProperty(planOf(world), async (plan) => {
          const { violations, trace } = await play(world, plan);
          if (violations.length === 0) return;
          const schedule = trace.slice(-SHOWN_LINES).join('\n');
          throw new Error(`${violations.join('\n')}\n\nThe schedule:\n${schedule}\n`);
        }),
        {
          numRuns: RUNS,
          ...(SEED !== undefined && { seed: Number(SEED) }),
          ...(PATH !== undefined && { path: PATH }),
        },
      );
    });
  }
});
