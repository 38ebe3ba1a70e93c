import { expect } from 'chai';
import fc from 'fast-check';
import { deferred } from '../support/deferred.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { codeOf, testProcess, type TestProcess } from '../support/processes.ts';
import { expectOneHolderEach } from './support/holders.ts';

interface Ask {
  kind: 'register' | 'update';
  cuenta: string;
  dni: string;
  key: string | null;
}

const DNIS = ['1', '2'];
const RUNS = Number(process.env['PROPERTY_RUNS'] ?? 150);

/** `known` has been registered, `other` has not. */
const asksOf = (known: string, other: string): fc.Arbitrary<Ask[]> => {
  const rest = { dni: fc.constantFrom(...DNIS), key: fc.option(fc.constantFrom('k1', 'k2')) };
  return fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant('update' as const), cuenta: fc.constant(known), ...rest }),
      fc.record({ kind: fc.constant('register' as const), cuenta: fc.constant(other), ...rest }),
    ),
    { minLength: 1, maxLength: 3 },
  );
};

function ask({ register, update }: TestProcess, { kind, cuenta, dni, key }: Ask): Promise<string> {
  const options = { bodyHash: JSON.stringify([kind, cuenta, dni]), ...(key === null ? {} : { key }) };
  return (kind === 'register' ? register({ cuenta, dni }, options) : update(cuenta, { dni }, options)).then(
    codeOf,
  );
}

/** Resolves when nothing moves any more without somebody being woken. */
async function atRest(): Promise<void> {
  for (let ticks = 0; ticks < 3; ticks += 1) await new Promise(setImmediate);
}

describe('Claims whose owners pause before they use them', function () {
  this.timeout(90_000);

  it('are fenced by challengers, and no value ever has two holders', async () => {
    let lapses = 0;
    await fc.assert(
      fc.asyncProperty(asksOf('ana', 'ben'), asksOf('cleo', 'dan'), async (paused, others) => {
        const log = memoryLog();
        const quick = testProcess(memoryEventStore(log));
        for (const cuenta of ['ana', 'cleo']) await quick.register({ cuenta, dni: cuenta });

        // All that this process asks stops between its claims and its event, while another process goes on.
        const wake = deferred();
        const pausing = testProcess(
          memoryEventStore(log, async (what) => {
            if (what.startsWith('append persona-')) await wake.promise;
          }),
        );
        const late = paused.map((one) => ask(pausing, one));
        await atRest();
        for (const one of others) await ask(quick, one);
        wake.resolve();
        await Promise.all(late);

        const subjects = expectOneHolderEach(log.events);
        const ids = log.events.filter(({ type }) => type.startsWith('Persona')).map(({ id }) => id);
        expect(ids).to.have.lengthOf(new Set(ids).size);
        lapses += log.events.filter(({ type }) => type === 'ReservationLapsed').length;

        for (const dni of DNIS) {
          const isHeld = [...subjects.values()].some(({ state }) => state?.dni === dni);
          const next = await ask(quick, { kind: 'register', cuenta: `new-${dni}`, dni, key: null });
          expect(next).to.equal(isHeld ? 'taken' : 'done');
        }
      }),
      { numRuns: RUNS },
    );
    expect(lapses).to.be.greaterThan(RUNS / 3);
  });
});
