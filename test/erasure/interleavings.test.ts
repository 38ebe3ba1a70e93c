import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'chai';
import { brokenView } from '../support/brokenView.ts';
import { filesWith, newFolder, removeFolder } from '../support/folder.ts';
import { amountOf } from '../support/long.ts';
import { seededRandom, type Random } from '../support/seededRandom.ts';
import { startTestService } from '../support/service.ts';
import { ACTS } from './support/acts.ts';
import { expectGone, expectVerified } from './support/afterwards.ts';
import { beginRound, erase, type Round, type World } from './support/round.ts';

const ROUNDS = amountOf('ERASURE_ROUNDS', { short: 6, long: 20 });
const SEED = Number(process.env['ERASURE_SEED'] ?? randomInt(1_000_000));
/** Rounds over one log: then it is verified, and its service stopped. */
const AT_ONCE = 10;
const LANES = 3;
const MAX_ACTS = 8;
const MAX_PAUSE_MS = 20;

const isEmbedded = process.env['TEST_STORES'] === undefined;
const isSealed = process.env['TEST_SEALING'] !== 'off';

/** Several acts one after the other. */
async function lane(round: Round, acts: readonly (typeof ACTS)[number][], random: Random): Promise<void> {
  for (const act of acts) {
    await pause(random() * MAX_PAUSE_MS);
    await act(round);
  }
}

async function play(world: World, number: number): Promise<string> {
  const random = seededRandom(SEED + number);
  const round = await beginRound(world, number, random);
  world.broken.isMended = false;
  const lanes = Array.from({ length: LANES }, () =>
    Array.from(
      { length: 1 + Math.floor(random() * MAX_ACTS) },
      () => ACTS[Math.floor(random() * ACTS.length)]!,
    ),
  );
  const erasures = [(one: Round) => erase(one, 'user', true), (one: Round) => erase(one, 'persona', true)];
  for (const act of erasures) {
    const acts = lanes[Math.floor(random() * LANES)]!;
    acts.splice(Math.floor(random() * acts.length), 0, act);
  }
  // What is in hand when a lane fails may not run on into the next test.
  const outcomes = await Promise.allSettled(lanes.map((acts) => lane(round, acts, random)));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason as Error;
  await expectGone(round);
  return round.mark;
}

(isEmbedded && isSealed ? describe : describe.skip)(
  `An erasure among everything else that happens (ERASURE_SEED=${SEED})`,
  function () {
    this.timeout(180_000);

    for (let first = 0; first < ROUNDS; first += AT_ONCE) {
      const last = Math.min(ROUNDS, first + AT_ONCE);
      it(`leaves no data of two people and changes no one else, rounds ${first + 1} to ${last}`, async () => {
        const dataDir = newFolder();
        const broken = brokenView();
        const service = await startTestService({ dataDir, views: broken.views });
        const marks: string[] = [];
        try {
          const world: World = { service, dataDir, broken };
          for (let number = first; number < last; number += 1) marks.push(await play(world, number));
          await expectVerified(world);
        } finally {
          await service.stop();
        }
        expect(filesWith(dataDir, marks)).to.deep.equal([]);
        removeFolder(dataDir);
      });
    }
  },
);
