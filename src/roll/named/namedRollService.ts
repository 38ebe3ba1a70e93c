import type { KeyObject } from 'node:crypto';
import { createIdempotencyKeys } from '../../commands/claims/idempotencyKeys.ts';
import { withDeadline } from '../../commands/loading/waits.ts';
import type { Request } from '../../commands/command.ts';
import type { CallOptions, EventStore, Position } from '../../events/eventStore.ts';
import type { Clock } from '../../platform/clock.ts';
import { EventStoreError } from '../../events/eventErrors.ts';
import type { RollReader } from '../reading/readRoll.ts';
import type { RollReaders } from '../reading/rollReaders.ts';
import type { RollName } from '../rollKinds.ts';
import { digestOf, type RollDigest } from './digest.ts';
import { nameRoll, type RollRejection, type RollToName } from './nameRoll.ts';
import { readRolls, type NamedRoll } from './rollLog.ts';

/** Named rolls over one event store. */
export interface NamedRollService {
  /** See nameRoll. */
  name(roll: RollToName, request: Request): Promise<{ roll: NamedRoll } | { rejection: RollRejection }>;
  list(options?: CallOptions): Promise<NamedRoll[]>;
  /** Folds a roll again. Rejects with EventStoreError while the view has not reached its position. */
  digest(kind: RollName, at: number, position: Position): Promise<RollDigest>;
}

export function createNamedRollService({
  readers,
  ...dependencies
}: {
  store: EventStore;
  key: KeyObject;
  clock: Clock;
  readers: RollReaders;
}): NamedRollService {
  const keys = createIdempotencyKeys(dependencies);
  const digest: NamedRollService['digest'] = (kind, at, position) =>
    kind === 'users' ? digestIn(readers.users, at, position) : digestIn(readers.personas, at, position);
  return {
    name: (roll, request) =>
      nameRoll(
        { ...dependencies, keys, withDeadline: (work) => withDeadline(undefined, work), digest },
        roll,
        request,
      ),
    list: async (options) => (await readRolls(dependencies.store, options)).rolls,
    digest,
  };
}

async function digestIn<State extends object>(
  reader: RollReader<State>,
  at: number,
  upTo: Position,
): Promise<RollDigest> {
  const { behind } = await reader.start(at, upTo);
  if (behind) throw new EventStoreError('the view has not reached the roll', { outcomeUnknown: false });
  return digestOf(reader.kind, statesOn(reader, { at, upTo }));
}

async function* statesOn<State extends object>(
  reader: RollReader<State>,
  horizon: { at: number; upTo: Position },
): AsyncGenerator<State[]> {
  for await (const batch of reader.walk([horizon], 0))
    yield batch.flatMap(({ folds: [fold] }) => fold?.state ?? []);
}
