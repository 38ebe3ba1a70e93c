import { randomUUID } from 'node:crypto';
import type { Rejection } from '../commands/command.ts';
import { pauseBefore, type Waits } from '../commands/loading/waits.ts';
import { applyRecorded, NOTHING_LOADED, type Aggregate, type Loaded } from '../domain/aggregate.ts';
import { persona } from '../domain/persona.ts';
import { user } from '../domain/user.ts';
import { createKnownErasures, isErasure } from '../events/bookkeeping/erasures.ts';
import { readSkips } from '../events/bookkeeping/skips.ts';
import { KeyUnavailableError } from '../events/eventErrors.ts';
import { eventsOf, type EventStore, type RecordedEvent } from '../events/eventStore.ts';
import { newEvent, notBefore, type CommandOrigin } from '../events/newEvent.ts';
import { ERASURES_STREAM, subjectOf } from '../events/streams.ts';
import type { Actor, PersonaRecord, UserRecord } from '../events/types.ts';
import type { KeyStore } from '../sealing/keyStore.ts';
import { normalDni } from '../validation/dni.ts';
import { foldText } from '../validation/foldText.ts';
import type { EntriesOnRolls, LateEntries } from './lateEntries.ts';

/** Attempts that may lose to other writers. */
const MAX_ATTEMPTS = 12;

type SubjectRecord = PersonaRecord | UserRecord;

/** A subject whose erasure is requested. */
export interface SubjectToErase {
  /** All its records in order, also of a removed user; none if there never was one or it was erased. */
  records: readonly SubjectRecord[];
  revision: number;
  /** Whether its data was erased, but not by this log, which is older than the key store. */
  isKeyGone: boolean;
}

/** An erasure to append. */
export interface ErasureOrder {
  /** The id of the erasure, and of the event that decides it. */
  id: string;
  stream: string;
  reason: string;
  origin: CommandOrigin;
  /** Decides on the present state of the subject. */
  decide(subject: SubjectToErase): 'erase' | Rejection;
}

export interface RequestErasureDependencies {
  store: EventStore;
  /** Null in a log without sealing. */
  keyStore: Pick<KeyStore, 'ofSubjects'> | null;
  entriesOnRolls: EntriesOnRolls;
  /** Given the events of the subject before each attempt, for the steps after the decision. */
  lateEntries: Pick<LateEntries, 'keep'>;
  /** Called before the first append; false: the request's key belongs to a different request. */
  beforeAppend(): Promise<boolean>;
}

/**
 * Decides on an erasure and appends it: the announcement to the list of erasures, then the
 * `SubjectErased` at the subject's present revision, which decides. Returns `erased` for a subject
 * that is erased already, too. Rejects with EventStoreError, and with KeyUnavailableError if the
 * subject's key is missing.
 */
export async function requestErasure(
  { store, keyStore, entriesOnRolls, lateEntries, beforeAppend }: RequestErasureDependencies,
  { id, stream, reason, origin, decide }: ErasureOrder,
  { clock, deadline }: Waits,
): Promise<'erased' | Rejection | { code: 'not-sealed' }> {
  const known = createKnownErasures(store);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 0) await pauseBefore(attempt, { clock, deadline });
    const log = await known.refresh({ deadline });
    const { loaded, records, events, isDecided } = await readSubject(store, stream, { deadline });
    if (isDecided) return 'erased';
    const isKeyGone = loaded.erased === true;
    const decision = decide({ records, revision: loaded.revision, isKeyGone });
    if (decision !== 'erase') return decision;
    if (!keyStore) return { code: 'not-sealed' };
    if (attempt === 0 && !(await beforeAppend())) return { code: 'key-reused' };
    const revision = loaded.revision + 1;
    const key = await keyIdOf(keyStore, stream);
    const by = withoutAccountOf(records, stream, origin.actor);
    const at = latest(clock.now(), loaded.occurredAt, log.occurredAt);
    const rolls = isKeyGone ? [] : await entriesOnRolls(stream, events, { deadline });
    const data = { erasure: id, subject: stream, revision, key, reason, by, rolls };
    const own = { ...origin, actor: by };
    const begun = newEvent(randomUUID(), { type: 'ErasureBegun', data }, own, at);
    const erased = newEvent(id, { type: 'SubjectErased', data: { erasure: id, key, reason } }, own, at);
    if (!isKeyGone) lateEntries.keep(stream, events);
    const result = await store.append(
      [
        { stream: ERASURES_STREAM, expected: log.revision, events: [begun] },
        { stream, expected: loaded.revision, events: [erased] },
      ],
      { deadline },
    );
    if (result.outcome === 'appended') return 'erased';
  }
  return { code: 'contention' };
}

const latest = (now: string, ...others: (string | null)[]): string =>
  others.reduce<string>((at, other) => notBefore(at, other), now);

/** The key's id, from its row or its tombstone. */
async function keyIdOf(keyStore: Pick<KeyStore, 'ofSubjects'>, stream: string): Promise<string> {
  const [row] = await keyStore.ofSubjects([stream]);
  if (!row) throw new KeyUnavailableError(stream);
  return row.keyId;
}

/** If the actor is the erased person, the subject stands for the account, which is erased too. */
function withoutAccountOf(
  records: readonly SubjectRecord[],
  stream: string,
  { account, role }: Actor,
): Actor {
  const isOwn = records.some((record) => isOwnAccount(account, record));
  return { account: isOwn ? stream : account, role };
}

/** Whether an account is the person's: the one on the record, or one named by the DNI or the e-mail. */
function isOwnAccount(account: string, record: SubjectRecord): boolean {
  if (normalDni(account) === normalDni(record.dni)) return true;
  if ('cuenta' in record) return record.cuenta === account;
  return foldText(account) === foldText(record.email);
}

interface ReadSubject {
  loaded: Loaded<SubjectRecord>;
  records: SubjectRecord[];
  events: RecordedEvent[];
  isDecided: boolean;
}

/** Reads the whole stream, because states before a removal or an edit count, too. */
async function readSubject(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  options: Pick<Waits, 'deadline'>,
): Promise<ReadSubject> {
  const aggregate = (subjectOf(stream)?.kind === 'user' ? user : persona) as Aggregate<SubjectRecord>;
  const skips = await readSkips(store, options);
  let loaded: Loaded<SubjectRecord> = NOTHING_LOADED;
  const records: SubjectRecord[] = [];
  const events: RecordedEvent[] = [];
  let isDecided = false;
  for await (const event of eventsOf(store, stream, 0, 500, options)) {
    events.push(event);
    loaded = applyRecorded(aggregate, loaded, event, skips);
    if (loaded.state && loaded.state !== records.at(-1)) records.push(loaded.state);
    isDecided ||= isErasure(event);
  }
  return { loaded, records: loaded.erased ? [] : records, events, isDecided };
}
