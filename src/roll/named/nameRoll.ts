import { randomUUID } from 'node:crypto';
import {
  isForOtherOrErased,
  keyedEventId,
  type IdempotencyKeys,
  type KeyRecord,
} from '../../commands/claims/idempotencyKeys.ts';
import type { Request } from '../../commands/command.ts';
import { createFloors } from '../../commands/loading/floors.ts';
import { pauseBefore } from '../../commands/loading/waits.ts';
import type { EventStore } from '../../events/eventStore.ts';
import { newEvent, notBefore } from '../../events/newEvent.ts';
import { ROLLS_STREAM } from '../../events/streams.ts';
import type { RollFixed, RollNamed } from '../../events/types.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Deadline } from '../../platform/deadline.ts';
import { searchWords } from '../../projections/views/search.ts';
import type { RollName } from '../rollKinds.ts';
import type { RollDigest } from '../wholeRoll/digest.ts';
import { readRolls, type FixedRoll, type NamedRoll, type RollLog } from './rollLog.ts';

/** Attempts that may lose to other writers. */
const MAX_ATTEMPTS = 10;

/** Why a roll was not named. */
export type RollRejection = 'taken' | 'key-reused' | 'contention';

export interface RollToName {
  name: string;
  kind: RollName;
  /** Milliseconds since 1970. */
  at: number;
}

export interface NameRollDependencies {
  store: EventStore;
  keys: IdempotencyKeys;
  clock: Clock;
  /** Runs a step within its own deadline; the fold of the whole roll between two steps may take longer. */
  withDeadline<T>(work: (deadline: Deadline) => Promise<T>): Promise<T>;
  /** Counts and digests a roll. */
  digest(roll: FixedRoll): Promise<RollDigest>;
}

/**
 * Names a roll once: a repeat with the same Idempotency-Key returns the roll that the first request
 * named. Fixes the roll's place in the log, folds the roll, then names it; a second request for the
 * name is refused. Rejects with EventStoreError; a repeat with the same key is then safe.
 */
export async function nameRoll(
  { store, keys, clock, withDeadline, digest }: NameRollDependencies,
  { name, kind, at }: RollToName,
  request: Request,
): Promise<{ roll: NamedRoll } | { rejection: RollRejection }> {
  const { actor, requestId, correlationId } = request;
  const origin = { actor, requestId, correlationId, commandId: randomUUID() };
  let record: KeyRecord | null = null;

  /** The outcome if it is known already: the roll of the key, or that the name is taken. */
  function endIn({ rolls }: RollLog): { roll: NamedRoll } | { rejection: RollRejection } | null {
    const id = record && keyedEventId(record, 0);
    const own = rolls.find(({ eventId }) => eventId === id);
    if (own) return { roll: own };
    return rolls.some((roll) => isSameName(roll.name, name)) ? { rejection: 'taken' } : null;
  }

  async function append(
    log: RollLog,
    id: string,
    event: RollFixed | RollNamed,
    deadline: Deadline,
  ): Promise<boolean> {
    const recorded = newEvent(id, event, origin, notBefore(clock.now(), log.occurredAt));
    const append = { stream: ROLLS_STREAM, expected: log.revision, events: [recorded] };
    return (await store.append([append], { deadline })).outcome === 'appended';
  }

  async function openKey(deadline: Deadline): Promise<RollRejection | null> {
    if (!request.key) return null;
    const options = { deadline, floors: createFloors() };
    record = await keys.open(actor.account, request.key.value, options);
    return isForOtherOrErased(record, request.key) ? 'key-reused' : null;
  }

  /** False: a different request with this key was first. */
  async function beginKey(revision: number, deadline: Deadline): Promise<boolean> {
    const { key } = request;
    if (!key || !record) return true;
    const place = { target: ROLLS_STREAM, revision };
    const options = { deadline, floors: createFloors() };
    const begun = await keys.beginOnce(record, { actor, key }, place, origin, options);
    if (begun === 'key-reused') return false;
    record = begun;
    return true;
  }

  const fixed = await withDeadline(async (deadline) => {
    const reused = await openKey(deadline);
    if (reused) return { rejection: reused };
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
      const log = await readRolls(store, { deadline });
      const end = endIn(log);
      if (end) return end;
      if (attempt === 0 && !(await beginKey(log.revision, deadline)))
        return { rejection: 'key-reused' as const };
      const event: RollFixed = { type: 'RollFixed', data: { kind, at: new Date(at).toISOString() } };
      if (!(await append(log, randomUUID(), event, deadline))) continue;
      const revision = log.revision + 1;
      const [stored] = await store.readStream(ROLLS_STREAM, { from: revision, limit: 1, deadline });
      if (stored) return { revision, position: stored.position };
    }
    return { rejection: 'contention' as const };
  });
  if (!('position' in fixed)) return fixed;

  const { count, digest: text } = await digest({ kind, at, ...fixed });
  return withDeadline(async (deadline) => {
    const id = record ? keyedEventId(record, 0) : randomUUID();
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      // Not after the first append: what it stored is read here.
      if (attempt > 1) await pauseBefore(attempt - 1, { clock, deadline });
      const log = await readRolls(store, { deadline });
      const own = log.rolls.find(({ eventId }) => eventId === id);
      const end = own ? { roll: own } : endIn(log);
      if (end) return end;
      const data = { fixed: fixed.revision, name, count, digest: text };
      await append(log, id, { type: 'RollNamed', data }, deadline);
    }
    return { rejection: 'contention' as const };
  });
}

/** Whether two names differ at most in letter case, accents, white space and invisible characters. */
const isSameName = (one: string, other: string): boolean => comparable(one) === comparable(other);
const comparable = (name: string): string => searchWords(name.replace(/\p{Cf}/gu, '')).join(' ');
