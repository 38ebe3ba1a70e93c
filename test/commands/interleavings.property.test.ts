import { expect } from 'chai';
import fc from 'fast-check';
import { memoryEventStore, memoryLog, type MemoryLog } from '../support/memoryEventStore.ts';
import { codeOf, immediateClock, noDeadline, testProcess } from '../support/processes.ts';
import { expectOneHolderEach } from './support/holders.ts';

/** What one process does, and before which of its steps in the store it dies; null: it lives. */
interface Script {
  asks: { kind: 'register' | 'update'; cuenta: string; dni: string; key: string | null }[];
  diesAt: number | null;
}

const CUENTAS = ['ana', 'ben'];
const DNIS = ['1', '2'];

const script: fc.Arbitrary<Script> = fc.record({
  asks: fc.array(
    fc.record({
      kind: fc.constantFrom('register' as const, 'update' as const),
      cuenta: fc.constantFrom(...CUENTAS),
      dni: fc.constantFrom(...DNIS),
      key: fc.option(fc.constantFrom('k1', 'k2')),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  diesAt: fc.option(fc.integer({ min: 1, max: 25 })),
});

/** Lets the processes run, each step of each in the order that the scheduler picks, until nothing moves any more. */
async function run(scheduler: fc.Scheduler, log: MemoryLog, scripts: readonly Script[]): Promise<void> {
  for (const [number, { asks, diesAt }] of scripts.entries()) {
    let steps = 0;
    const step = async (what: string): Promise<void> => {
      steps += 1;
      if (steps === diesAt) await new Promise<never>(() => {});
      await scheduler.schedule(Promise.resolve(), `${number}: ${what}`);
    };
    const { register, update } = testProcess(memoryEventStore(log, step), {
      ...immediateClock,
      wait: () => step('wait'),
    });
    for (const { kind, cuenta, dni, key } of asks) {
      const bodyHash = JSON.stringify([kind, cuenta, dni]);
      const options = { bodyHash, deadline: noDeadline(), ...(key === null ? {} : { key }) };
      void (kind === 'register' ? register({ cuenta, dni }, options) : update(cuenta, { dni }, options));
    }
  }
  await scheduler.waitIdle();
}

describe('Concurrent commands in any interleaving, with a process dying at any step', function () {
  this.timeout(90_000);

  it('never give a value two holders, apply a key twice or leave a value blocked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(script, { minLength: 2, maxLength: 3 }),
        async (scheduler, scripts) => {
          const log = memoryLog();
          await run(scheduler, log, scripts);

          const subjects = expectOneHolderEach(log.events);
          const ids = log.events.filter(({ type }) => type.startsWith('Persona')).map(({ id }) => id);
          expect(ids).to.have.lengthOf(new Set(ids).size);

          const survivor = testProcess(memoryEventStore(log));
          for (const dni of DNIS) {
            const isHeld = [...subjects.values()].some(({ state }) => state?.dni === dni);
            const outcome = await survivor.register({ dni, cuenta: `new-${dni}` });
            expect(codeOf(outcome)).to.equal(isHeld ? 'taken' : 'done');
          }
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 100) },
    );
  });
});
