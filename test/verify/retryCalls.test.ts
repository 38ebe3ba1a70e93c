import { expect } from 'chai';
import { MAX_TRIES, retryCalls } from '../../src/cli/jobs/retryCalls.ts';
import { CliError } from '../../src/cli/output/exit.ts';
import { EventStoreRefusedError, KeyUnavailableError } from '../../src/events/eventErrors.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import { retryingPorts } from '../../src/verify/job/retryWhileUnreachable.ts';
import { verifyViews, type VerifyResult } from '../../src/verify/verifyViews.ts';
import { failureOf } from '../events/contract/steps.ts';
import { aPersona } from '../support/people.ts';
import { MAX_MS, openVerified, type Verified } from './support/verified.ts';

const tooSlow = new ReadModelError('MongoDB: MongoServerError, code 50, MaxTimeMSExpired');

describe('A verification whose command retries its calls', function () {
  this.timeout(MAX_MS);
  let verified: Verified;
  let said: string[];
  let slept: number[];
  let tries: number;
  let repairs: number;
  /** What each try to scan the documents of a view fails with; null: it works. */
  let failure: () => Error | null;

  beforeEach(async () => {
    verified = await openVerified();
    await aPersona(verified);
    [said, slept, tries, repairs] = [[], [], 0, 0];
    failure = () => null;
  });
  afterEach(async () => {
    await verified.close();
  });

  async function verify(
    signal = new AbortController().signal,
    { repair = false } = {},
  ): Promise<VerifyResult> {
    const { store, commands, views } = verified;
    const readModel: Verified['readModel'] = {
      ...verified.readModel,
      shown: (view) => ({
        ...verified.readModel.shown(view),
        async scan(stretch) {
          tries += 1;
          const error = failure();
          if (error) throw error;
          return verified.readModel.shown(view).scan(stretch);
        },
      }),
      async open(view, generation, options) {
        const opened = await verified.readModel.open(view, generation, options);
        return {
          ...opened,
          async repair(from, to) {
            repairs += 1;
            if (repairs < MAX_TRIES) throw tooSlow;
            return opened.repair(from, to);
          },
        };
      },
    };
    const policy = retryCalls(signal, (what) => said.push(what), {
      async sleep(ms) {
        slept.push(ms);
      },
    });
    const upTo = await verified.level();
    return verifyViews({
      ...retryingPorts({ store, readModel, reservations: commands.reservations }, policy),
      clock: systemClock,
      documentViews: [views.personas],
      rowViews: [],
      upTo,
      signal,
      repair,
      showValues: false,
      onProgress: async () => undefined,
      onDifference: async () => undefined,
    });
  }

  it('reads again after growing pauses, says so each time, and misses nothing', async () => {
    failure = () => (tries < MAX_TRIES ? tooSlow : null);
    expect(await verify()).to.include({ isWhole: true, subjects: 1, differences: 0 });
    expect(said).to.have.length(MAX_TRIES - 1);
    for (const line of said)
      expect(line).to.match(/^a store failed \(.*MaxTimeMSExpired\); trying again in \d\.\d s$/);
    slept.forEach((ms, index) => expect(ms).to.be.within(500 * 2 ** index, 1_000 * 2 ** index));
  });

  it('repairs again what could not be written', async () => {
    const { views, tamper } = verified;
    const { id } = await aPersona(verified);
    await verified.level();
    await tamper(views.personas, id, (document) => ({ ...document, body: { id } }));
    const result = await verify(undefined, { repair: true });
    expect(result).to.include({ isWhole: true });
    expect(result.repaired).to.equal(result.differences).and.be.greaterThan(0);
    expect([repairs, said.length]).to.deep.equal([MAX_TRIES, MAX_TRIES - 1]);
  });

  it('gives up one read that always fails, although others work, and says what to do', async () => {
    failure = () => tooSlow;
    const error = await failureOf(verify());
    expect(error).to.be.instanceOf(CliError);
    expect(error).to.have.property(
      'message',
      `a store failed 5 times (${tooSlow.message}): run this again later`,
    );
    expect(tries).to.equal(MAX_TRIES);
  });

  for (const error of [
    new EventStoreRefusedError('the account may not read', { outcomeUnknown: false }),
    new KeyUnavailableError('persona-1@0'),
    new TypeError('a fault'),
  ]) {
    it(`does not wait where that is pointless: ${error.name}`, async () => {
      failure = () => error;
      expect(await failureOf(verify())).to.equal(error);
      expect([tries, said]).to.deep.equal([1, []]);
    });
  }

  it('does not try again once it is interrupted', async () => {
    const interrupt = new AbortController();
    failure = () => {
      interrupt.abort();
      return tooSlow;
    };
    expect(await failureOf(verify(interrupt.signal))).to.equal(tooSlow);
    expect(tries).to.equal(1);
  });
});
