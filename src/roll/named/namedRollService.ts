import type { KeyObject } from 'node:crypto';
import { createIdempotencyKeys } from '../../commands/claims/idempotencyKeys.ts';
import { keyedQueue } from '../../commands/handling/keyedQueue.ts';
import { withDeadline } from '../../commands/loading/waits.ts';
import type { Request } from '../../commands/command.ts';
import type { CallOptions, EventStore } from '../../events/eventStore.ts';
import { ROLLS_STREAM } from '../../events/streams.ts';
import type { Clock } from '../../platform/clock.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import type { RollReaders } from '../reading/rollReaders.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { digestBy, type DoRollWork } from '../wholeRoll/rollWork.ts';
import type { RollDigest } from '../wholeRoll/digest.ts';
import { nameRoll, type RollRejection, type RollToName } from './nameRoll.ts';
import { erasedHashesOf } from './erasedEntries.ts';
import { readRolls, type FixedRoll, type NamedRoll } from './rollLog.ts';

/** Named rolls over one event store. */
export interface NamedRollService {
  /** See nameRoll. Rejects with EventStoreError at the deadline, as `digest`; an unfinished roll gets no name. */
  name(
    roll: RollToName,
    request: Request,
    deadline: Deadline,
  ): Promise<{ roll: NamedRoll } | { rejection: RollRejection }>;
  list(options?: CallOptions): Promise<NamedRoll[]>;
  /** Folds a roll again. Rejects with EventStoreError while the view has not reached its position, and at the deadline. */
  digest(roll: FixedRoll, deadline: Deadline): Promise<RollDigest>;
}

export function createNamedRollService({
  readers,
  doWork,
  ...dependencies
}: {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
  readers: RollReaders;
  doWork: DoRollWork;
}): NamedRollService {
  const keys = createIdempotencyKeys(dependencies);
  // Requests of this instance would only conflict with each other.
  const queue = keyedQueue();
  const { store } = dependencies;
  const digest: NamedRollService['digest'] = async ({ kind, at, position, revision }, deadline) => {
    if (!(await readers[kind].reaches(position)))
      throw new EventStoreError('the view has not reached the roll', { outcomeUnknown: false });
    const readHashes = () => erasedHashesOf(store, { kind, fixed: revision }, { deadline });
    let erasedHashes = await readHashes();
    for (;;) {
      const digest = await digestBy(
        doWork,
        { kind, horizon: { at, upTo: position }, erasedHashes },
        deadline,
      );
      const now = await readHashes();
      // The fold may have left out people who were erased while it ran: their hashes count.
      if (Object.keys(now).length === Object.keys(erasedHashes).length) return digest;
      erasedHashes = now;
    }
  };
  return {
    name: (roll, request, deadline) =>
      nameRoll(
        {
          ...dependencies,
          keys,
          withDeadline: (work) =>
            withDeadline(undefined, (deadline) => queue.run(ROLLS_STREAM, () => work(deadline), deadline)),
          digest: (roll) => digest(roll, deadline),
        },
        roll,
        request,
      ),
    list: async (options) => (await readRolls(store, options)).rolls,
    digest,
  };
}
