import { expect } from 'chai';
import { createIdempotencyKeys } from '../../src/commands/claims/idempotencyKeys.ts';
import { createFloors } from '../../src/commands/loading/floors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { systemOrigin } from '../../src/events/newEvent.ts';
import { createDeadline } from '../../src/platform/deadline.ts';
import { failureOf } from '../events/contract/steps.ts';
import { memoryEventStore, memoryLog } from '../support/memoryEventStore.ts';
import { immediateClock, TEST_KEY } from '../support/processes.ts';

const KEY = { value: 'k', route: 'PUT /x', bodyHash: 'h' };
const ACTOR = { account: 'a', role: 'admin' };
const PLACE = { target: 'padron-rolls', revision: -1 };

describe('A key that is begun once', () => {
  /** Begins it over a store that refuses the first `refusals` appends. */
  async function begin(refusals: number, deadlineMs: number) {
    const store = memoryEventStore(memoryLog());
    let appends = 0;
    const waits: number[] = [];
    const refusing: EventStore = {
      ...store,
      append: async (given, options) => {
        appends += 1;
        if (appends > refusals) return store.append(given, options);
        return { outcome: 'conflict', stream: given[0]!.stream, actual: -1 };
      },
    };
    const clock = {
      ...immediateClock,
      wait: async (ms: number) => {
        waits.push(ms);
        await new Promise(setImmediate);
      },
    };
    const keys = createIdempotencyKeys({ store: refusing, key: TEST_KEY, clock });
    const options = { deadline: createDeadline(deadlineMs), floors: createFloors() };
    const record = await keys.open(ACTOR.account, KEY.value, options);
    const begun = keys.beginOnce(record, { actor: ACTOR, key: KEY }, PLACE, systemOrigin('c'), options);
    return { begun, waits };
  }

  it('pauses before each attempt after one that another writer won', async () => {
    const { begun, waits } = await begin(3, 5_000);
    expect(await begun).to.deep.include({ begun: { route: 'PUT /x', bodyHash: 'h', ...PLACE } });
    expect(waits).to.have.lengthOf(3);
  });

  it('rejects at the deadline if other writers win every attempt', async () => {
    const { begun, waits } = await begin(Infinity, 50);
    expect(await failureOf(begun)).to.include({ name: 'EventStoreError' });
    expect(waits.length).to.be.above(0);
  });
});
