import { randomUUID } from 'node:crypto';
import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';

export interface Trouble {
  /** What appends to a subject's stream do: work, reject, or always find that another writer was first. */
  appends: 'work' | 'out of reach' | 'outcome unknown' | 'conflict';
  reads: 'work' | 'out of reach';
}

/** An event store that fails as `trouble` says. */
export function failingStore(store: EventStore, trouble: Trouble): EventStore {
  const outOfReach = (outcomeUnknown: boolean) =>
    new EventStoreError('secret connection string of the driver', { outcomeUnknown });
  return {
    ...store,
    async append(appends, call) {
      const last = appends.at(-1);
      if (!last || !/^(persona|user)-/.test(last.stream)) return store.append(appends, call);
      if (trouble.appends === 'out of reach') throw outOfReach(false);
      if (trouble.appends === 'outcome unknown') {
        await store.append(appends, call);
        throw outOfReach(true);
      }
      if (trouble.appends === 'conflict') {
        await store.append([{ stream: last.stream, expected: last.expected, events: [othersEvent()] }]);
        return { outcome: 'conflict', stream: last.stream, actual: last.expected + 1 };
      }
      return store.append(appends, call);
    },
    async readStream(stream, options) {
      if (trouble.reads === 'out of reach') throw outOfReach(false);
      return store.readStream(stream, options);
    },
    async readAll(after, limit, call) {
      if (trouble.reads === 'out of reach') throw outOfReach(false);
      return store.readAll(after, limit, call);
    },
  };
}

/** The other writer's event: it occupies a revision and changes nothing. */
const othersEvent = () =>
  newEvent(
    randomUUID(),
    { type: 'ReservationLapsed', data: { reservation: 'reservation-of-the-other-writer' } },
    systemOrigin(randomUUID()),
    new Date().toISOString(),
  );
