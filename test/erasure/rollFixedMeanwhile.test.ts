import { expect } from 'chai';
import { requestErasure } from '../../src/erasure/requestErasure.ts';
import { createKnownErasures } from '../../src/events/bookkeeping/erasures.ts';
import { NO_REVISION, type EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';
import { ERASURES_STREAM } from '../../src/events/streams.ts';
import type { EntryOnRoll, ErasureBegun, ErasureProved } from '../../src/events/types.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { SOCIA_RECORD } from '../support/people.ts';
import { immediateClock } from '../support/processes.ts';

const AT = '2026-01-01T00:00:00.000Z';
const ENTRY: EntryOnRoll = { fixed: 4, hash: 'the hash' };
const origin = { ...systemOrigin('r-1'), commandId: 'c-1' };

describe('An erasure while a roll is fixed', () => {
  let store: EventStore;
  let waits: number;
  /** Announcements before which another instance writes to the list. */
  let rivals: number;

  beforeEach(async () => {
    const bare = memoryEventStore(memoryLog());
    [waits, rivals] = [0, 0];
    store = {
      ...bare,
      async append(appends, options) {
        const { stream, expected, events } = appends[0]!;
        if (appends.length === 1 && stream === ERASURES_STREAM && rivals > 0) {
          rivals -= 1;
          const [other] = await bare.readStream(stream, { limit: 1 });
          const another = { ...events[0]!, id: `rival ${rivals}`, data: other!.data };
          await bare.append([{ stream, expected, events: [another] }]);
        }
        return bare.append(appends, options);
      },
    };
    const event = newEvent('r-1', { type: 'UserRegistered', data: SOCIA_RECORD }, origin, AT);
    await store.append([{ stream: 'user-15', expected: NO_REVISION, events: [event] }]);
  });

  /** Erases user 15. `entries`: those on rolls at each reading. */
  async function erase(entries: EntryOnRoll[][], whenDecided = async () => undefined): Promise<unknown> {
    const deadline = createDeadline(5_000);
    try {
      return await requestErasure(
        {
          store,
          keyStore: {
            ofSubjects: async () => [{ subject: 'user-15', keyId: 'k-1', wrapped: '', master: '' }],
          },
          async entriesOnRolls() {
            const [last] = await store.readStream('user-15', { backwards: true, limit: 1 });
            if (last?.type === 'SubjectErased') await whenDecided();
            return entries.shift() ?? [];
          },
          beforeAppend: async () => true,
        },
        { id: 'e-1', stream: 'user-15', reason: 'Request 7', origin, decide: () => 'erase' },
        { clock: { ...immediateClock, wait: async () => void (waits += 1) }, deadline },
      );
    } finally {
      deadline.release();
    }
  }

  const announcements = async () =>
    (await store.readStream(ERASURES_STREAM, { limit: 99 })).map(({ data }) => data as ErasureBegun['data']);

  it('records the entry on a roll that was fixed after the entries were read', async () => {
    expect(await erase([[], [ENTRY]])).to.equal('erased');
    expect((await announcements()).map(({ rolls }) => rolls)).to.deep.equal([[], [ENTRY]]);
    const { listed } = await createKnownErasures(store).refresh();
    expect(listed.map(({ rolls, announced }) => ({ rolls, announced }))).to.deep.equal([
      { rolls: [ENTRY], announced: 0 },
    ]);
  });

  for (const [count, rolls, pauses] of [
    [2, [ENTRY], 2],
    [11, [ENTRY], 11],
    [12, [], 11],
  ] as const) {
    it(`is announced again after ${count} other writers, with a pause after each, at the twelfth try at the latest`, async () => {
      rivals = count;
      expect(await erase([[], [ENTRY]])).to.equal('erased');
      expect((await announcements()).at(-1)?.rolls).to.deep.equal(rolls);
      expect([rivals, waits]).to.deep.equal([0, pauses]);
    });
  }

  it('is announced once if no roll was fixed meanwhile', async () => {
    expect(await erase([[ENTRY], [ENTRY]])).to.equal('erased');
    expect(await announcements()).to.have.lengthOf(1);
  });

  it('stays proved if another instance has proved it before it is announced again', async () => {
    const data: ErasureProved['data'] = { erasure: 'e-1', subject: 'user-15', revision: 1 };
    await erase([[], [ENTRY]], async () => {
      const proved = newEvent('p-1', { type: 'ErasureProved', data }, origin, AT);
      await store.append([{ stream: ERASURES_STREAM, expected: 0, events: [proved] }]);
    });
    const { listed } = await createKnownErasures(store).refresh();
    expect(listed.map(({ rolls, isProved }) => ({ rolls, isProved }))).to.deep.equal([
      { rolls: [ENTRY], isProved: true },
    ]);
  });
});
