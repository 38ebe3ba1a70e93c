import { expect } from 'chai';
import { createErasures, type Erasures, type ErasuresDependencies } from '../../src/erasure/erasures.ts';
import { createLateEntries, type EntriesOnRolls } from '../../src/erasure/lateEntries.ts';
import {
  createKnownErasures,
  decisionOf,
  type ListedErasure,
} from '../../src/events/bookkeeping/erasures.ts';
import { ErasedData } from '../../src/events/codec.ts';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import { NO_REVISION, type EventStore, type NewEvent } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { ERASURES_STREAM, ROLLS_STREAM } from '../../src/events/streams.ts';
import type { EntryOnRoll, ErasureBegun, ErasureProved } from '../../src/events/types.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { entriesOnRolls, withStreamOf } from '../../src/roll/named/erasedEntries.ts';
import { failureOf } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { byAdmin, SOCIA_RECORD } from '../support/people.ts';
import { immediateClock } from '../support/processes.ts';

const AT = '2026-01-01T00:00:00.000Z';
const SUBJECT = 'user-15';
const origin = systemOrigin('r-1');

describe('An erasure while a roll is fixed', () => {
  let bare: EventStore;
  let store: EventStore;
  let waits: number;
  /** Announcements before which another instance writes to the list. */
  let rivals: number;
  /** Whether the event store refuses to add to the list after the decision. */
  let isAway: boolean;
  let hasKey: boolean;
  let isRollFixedMeanwhile: boolean;
  let erasures: Erasures;

  const one = (event: Parameters<typeof newEvent>[1]): NewEvent =>
    newEvent(crypto.randomUUID(), event, origin, AT);

  async function writeFirst({ stream, expected }: { stream: string; expected: number }): Promise<void> {
    rivals -= 1;
    const data = { erasure: 'another', subject: 'user-16', revision: rivals };
    await bare.append([{ stream, expected, events: [one({ type: 'ErasureProved', data })] }]);
  }

  async function fixRoll(expected: number): Promise<void> {
    const fixed = one({ type: 'RollFixed', data: { kind: 'users', at: AT } });
    await bare.append([{ stream: ROLLS_STREAM, expected, events: [fixed] }]);
  }

  beforeEach(async () => {
    bare = memoryEventStore(memoryLog());
    [waits, rivals, isAway, hasKey, isRollFixedMeanwhile] = [0, 0, false, true, true];
    store = {
      ...bare,
      async append(appends, options) {
        const [first] = appends;
        const isDecision = appends.length === 2;
        if (isDecision && isRollFixedMeanwhile) await fixRoll(NO_REVISION);
        const isAnnouncedAgain =
          appends.length === 1 &&
          first?.stream === ERASURES_STREAM &&
          first.events[0]?.type === 'ErasureBegun';
        if (isAnnouncedAgain && isAway) throw new EventStoreError('no answer', { outcomeUnknown: false });
        if (isAnnouncedAgain && rivals > 0) await writeFirst(first);
        const result = await bare.append(appends, options);
        if (isDecision && isRollFixedMeanwhile) await fixRoll(0);
        // As where a view in this process reads the decision at once.
        if (isDecision) hasKey = false;
        return result;
      },
      async readStream(stream, options) {
        const events = await bare.readStream(stream, options);
        if (stream !== SUBJECT || hasKey) return events;
        return events.map((event) =>
          event.type === 'SubjectErased' ? event : { ...event, data: new ErasedData() },
        );
      },
    };
    const keys = {
      store: {
        erase: async () => undefined,
        ofSubjects: async () => [
          { subject: SUBJECT, keyId: 'k-1', ...(hasKey ? { wrapped: '' } : { erasedAt: AT }) },
        ],
        ofKeys: async () => [],
      },
      keyring: { dropErased: () => undefined },
    };
    const sealing = { isSealed: async () => true, keys: async () => keys };
    erasures = createErasures({
      store: { ...store, sealing },
      readModel: {},
      views: { documentViews: [], rowViews: [] },
      clock: { now: () => AT, wait: async () => void (waits += 1) },
      logger: { info: () => undefined, warn: () => undefined },
      forget: () => undefined,
      entriesOnRolls: ((subject, events, options) =>
        entriesOnRolls(withStreamOf(store, events), subject, options)) satisfies EntriesOnRolls,
    } as unknown as ErasuresDependencies);
    const event = one({ type: 'UserRegistered', data: SOCIA_RECORD });
    await store.append([{ stream: SUBJECT, expected: NO_REVISION, events: [event] }]);
  });

  const erase = async (): Promise<unknown> => {
    const deadline = createDeadline(5_000);
    try {
      const outcome = await erasures.erase(
        { find: async () => SUBJECT, named: SUBJECT },
        { reason: 'Request 7', confirm: null },
        { ...byAdmin(), deadline },
      );
      return 'certificate' in outcome ? outcome.certificate.verified : outcome;
    } finally {
      deadline.release();
    }
  };
  const ERASED = { events: true, views: true, keyStore: true };

  const listed = async (): Promise<ListedErasure> =>
    (await createKnownErasures(bare).refresh()).listed.find(({ subject }) => subject === SUBJECT)!;
  const announcements = async (): Promise<ErasureBegun['data'][]> =>
    (await bare.readStream(ERASURES_STREAM, { limit: 999 }))
      .filter(({ type }) => type === 'ErasureBegun')
      .map(({ data }) => data as ErasureBegun['data']);

  it('records the entry on a roll that was fixed before the decision, not on one after it, with the key gone by then', async () => {
    expect(await erase()).to.deep.equal(ERASED);
    expect((await announcements()).map(({ rolls }) => rolls.map(({ fixed }) => fixed))).to.deep.equal([
      [],
      [0],
    ]);
    const { rolls, ...rest } = (await announcements())[1]!;
    expect(rest).to.deep.include({ reason: 'Request 7', by: byAdmin().actor, key: 'k-1', revision: 1 });
    expect(rolls[0]?.hash).to.match(/^[0-9a-f]{64}$/);
    expect(await listed()).to.include({ announced: 0, isProved: true, at: AT });
  });

  it('is announced once if no roll was fixed meanwhile', async () => {
    isRollFixedMeanwhile = false;
    expect(await erase()).to.deep.equal(ERASED);
    expect(await announcements()).to.have.lengthOf(1);
  });

  it('is announced again however many writers are first, with a pause after each', async () => {
    rivals = 40;
    expect(await erase()).to.deep.equal(ERASED);
    expect((await announcements()).at(-1)?.rolls).to.have.lengthOf(1);
    expect([rivals, waits]).to.deep.equal([0, 40]);
  });

  it('is not certified before it is announced again: the request fails, and a repeat does it', async () => {
    isAway = true;
    expect(await failureOf(erase())).to.include({ name: 'EventStoreError', message: 'no answer' });
    expect(await listed()).to.deep.include({ isProved: false, rolls: [] });
    isAway = false;
    expect(await erase()).to.deep.equal(ERASED);
    expect((await listed()).rolls).to.have.lengthOf(1);
  });

  it('is announced again by the process that knows the entry, also if another has certified it', async () => {
    isAway = true;
    await failureOf(erase());
    isAway = false;
    const { id: erasure, subject, revision } = await listed();
    const data: ErasureProved['data'] = { erasure, subject, revision };
    const proved = one({ type: 'ErasureProved', data });
    await bare.append([{ stream: ERASURES_STREAM, expected: 0, events: [proved] }]);
    expect(await erase()).to.deep.equal(ERASED);
    expect(await listed()).to.include({ isProved: true });
    expect((await listed()).rolls).to.have.lengthOf(1);
  });

  describe('whose entries were read by this process', () => {
    const ENTRY: EntryOnRoll = { fixed: 0, hash: 'the hash' };
    const late = () =>
      createLateEntries({
        store,
        known: createKnownErasures(store),
        clock: immediateClock,
        entriesOnRolls: async () => [ENTRY],
      });
    const events = () => bare.readStream(SUBJECT, { limit: 9 });

    beforeEach(async () => {
      isRollFixedMeanwhile = false;
      await erase();
    });

    it('fails at the deadline if other writers are always first, and is announced by a repeat', async () => {
      const entries = late();
      entries.keep(SUBJECT, (await events()).slice(0, -1));
      const erasure = await listed();
      const decision = (await decisionOf(bare, erasure))!;
      rivals = 1_000_000;
      const deadline = createDeadline(50);
      const failure = await failureOf(entries.announce(erasure, decision, { deadline }));
      expect(failure).to.include({ name: 'EventStoreError', message: 'the deadline has passed' });
      expect(await announcements()).to.have.lengthOf(1);
      rivals = 0;
      await entries.announce(erasure, decision);
      expect((await listed()).rolls).to.deep.equal([ENTRY]);
      await entries.announce(erasure, decision);
      expect(await announcements()).to.have.lengthOf(2);
    });

    it('is not announced from events that another writer has continued before the decision', async () => {
      const entries = late();
      entries.keep(SUBJECT, []);
      const erasure = await listed();
      await entries.announce(erasure, (await decisionOf(bare, erasure))!);
      expect(await announcements()).to.have.lengthOf(1);
    });
  });
});
