import { EventStoreError } from '../../src/events/eventErrors.ts';
import type { EventStore } from '../../src/events/eventStore.ts';
import { ReadModelError } from '../../src/projections/record/readModelError.ts';
import type { ReadModel } from '../../src/projections/ports/readModel.ts';
import { deferred, type Deferred } from './deferred.ts';

/** A store's condition: `killed` rejects every call at once; `stopped` does not answer until it is back. */
export type Presence = 'there' | 'killed' | 'stopped';

/** A switch by which a test kills, stops and brings back a store. */
export interface Switch {
  set(presence: Presence): void;
  /** The number of calls through this switch, whatever their outcome. */
  calls(): number;
}

type Call = (...args: never[]) => unknown;

function switchable(
  away: () => Error,
): Switch & { around<T extends object>(store: T, except?: string[]): T } {
  let presence: Presence = 'there';
  let back: Deferred = deferred();
  let calls = 0;

  async function through(call: () => unknown): Promise<unknown> {
    calls += 1;
    if (presence === 'killed') throw away();
    if (presence === 'stopped') await back.promise;
    return call();
  }
  return {
    set(next) {
      presence = next;
      if (next === 'stopped') back = deferred();
      else back.resolve();
    },
    calls: () => calls,
    around<T extends object>(store: T, except: string[] = []): T {
      const wrapped = Object.entries(store).map(([name, member]: [string, unknown]) => {
        if (typeof member !== 'function' || except.includes(name)) return [name, member];
        return [name, (...args: never[]) => through(() => (member as Call)(...args))];
      });
      return Object.fromEntries(wrapped) as T;
    },
  };
}

/** An event store behind a switch. Subscriptions stay open, because requests do not use them. */
export function switchableStore(): Switch & { around(store: EventStore): EventStore } {
  const made = switchable(() => new EventStoreError('killed', { outcomeUnknown: false }));
  return { ...made, around: (store) => made.around(store, ['subscribe', 'close']) };
}

/** A read model behind a switch, except for its leases. */
export function switchableReadModel(): Switch & { around(readModel: ReadModel): ReadModel } {
  const made = switchable(() => new ReadModelError('killed'));
  return {
    ...made,
    around: (readModel) => ({
      ...made.around(readModel, ['shown', 'shownRows', 'close']),
      leases: readModel.leases,
      controls: made.around(readModel.controls),
      shown: (view) => made.around(readModel.shown(view)),
      shownRows: (view) => made.around(readModel.shownRows(view)),
    }),
  };
}
