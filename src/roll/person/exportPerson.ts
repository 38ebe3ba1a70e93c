import { membersWhere, PERSONA_MEMBERS, USER_MEMBERS, type Member } from '../../domain/members.ts';
import { applyRecorded, NOTHING_LOADED, type Loaded } from '../../domain/aggregate.ts';
import { readSkips } from '../../events/bookkeeping/skips.ts';
import { eventsOf, isBeyond, type CallOptions, type EventStore } from '../../events/eventStore.ts';
import { subjectOf, type SubjectKind } from '../../events/streams.ts';
import { entriesOf } from '../../history/subjectEntries.ts';
import { changeOf, type Change, type HistoryEntry } from '../../projections/views/history.ts';
import type { NamedRoll } from '../named/rollLog.ts';
import { personaRoll, userRoll, type RollKind } from '../rollKinds.ts';

/** A change of a person, with the actor's role but not the account, which may be another person's. */
export interface ExportedChange extends Pick<
  HistoryEntry,
  'revision' | 'type' | 'at' | 'summary' | 'reason' | 'unreadable' | 'erased'
> {
  role: string;
  changes: readonly Change[];
}

/** A named roll that includes the person. */
export type ExportedRoll = Pick<NamedRoll, 'id' | 'name'> & {
  /** RFC 3339 instant. */
  at: string;
};

/** Everything that is stored about one person. */
export interface PersonExport {
  /** `persona-5`, `user-15` */
  subject: string;
  /** RFC 3339 instant. */
  exportedAt: string;
  /** The revision of `record`. */
  revision: number;
  /** Every member of the record, credentials as `***`; null for a user who was removed. */
  record: Record<string, unknown> | null;
  rolls: ExportedRoll[];
  /** Whether an event cannot be applied: `record` is the last good one. */
  behind: boolean;
  /** All changes up to `revision`, oldest first, in pages. */
  changes(): AsyncGenerator<ExportedChange[]>;
}

/** Changes held in memory at a time. */
const PAGE = 100;

const KINDS: Record<SubjectKind, { kind: RollKind<never>; table: Readonly<Record<string, Member>> }> = {
  persona: { kind: personaRoll as unknown as RollKind<never>, table: PERSONA_MEMBERS },
  user: { kind: userRoll as unknown as RollKind<never>, table: USER_MEMBERS },
};

/**
 * Everything stored about the subject of a stream: the record, every change, and the named rolls that
 * include it. Reads the stream, no view. `unknown`: there never was one; `erased`: the subject was
 * erased. Rejects with EventStoreError, and with UnknownEventError for a stream that only a newer
 * padron can read.
 */
export async function exportPerson(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  { rolls, now, deadline }: { rolls: readonly NamedRoll[]; now: string } & CallOptions,
): Promise<PersonExport | 'unknown' | 'erased'> {
  const subject = subjectOf(stream);
  if (!subject) return 'unknown';
  const { kind, table } = KINDS[subject.kind];
  const named = rolls.filter((roll) => roll.kind === kind.name);
  /** The subject's state on each roll; absent until the last event of that roll was read. */
  const at = new Map<NamedRoll, Loaded<object>>();
  const skips = await readSkips(store, { deadline });
  let loaded: Loaded<object> = NOTHING_LOADED;
  for await (const event of eventsOf(store, stream, 0, 500, { deadline })) {
    const horizon = (roll: NamedRoll) => ({ at: roll.at, upTo: roll.position });
    for (const roll of named) if (!at.has(roll) && isBeyond(event, horizon(roll))) at.set(roll, loaded);
    loaded = applyRecorded<object>(kind.view.aggregate, loaded, event, skips);
  }
  const { state, revision, began, erased, stuck } = loaded;
  if (!began) return 'unknown';
  if (erased) return 'erased';
  return {
    subject: stream,
    exportedAt: now,
    revision,
    record: state === null ? null : recordOf(state, table),
    rolls: named
      .filter((roll) => (at.get(roll) ?? loaded).state !== null)
      .map((roll) => ({ id: roll.id, name: roll.name, at: new Date(roll.at).toISOString() })),
    behind: stuck !== undefined,
    changes: () => changesUpTo(store, stream, revision),
  };
}

const recordOf = (state: object, table: Readonly<Record<string, Member>>): Record<string, unknown> =>
  Object.fromEntries(
    membersWhere(table).map((name) => [
      name,
      changeOf(name, null, (state as Record<string, unknown>)[name]).after,
    ]),
  );

async function* changesUpTo(
  store: Pick<EventStore, 'readStream'>,
  stream: string,
  revision: number,
): AsyncGenerator<ExportedChange[]> {
  let page: ExportedChange[] = [];
  for await (const entry of entriesOf(store, stream, 'asc')) {
    if (entry.revision > revision) break;
    const { type, at, actor, summary, reason, changes, unreadable, erased } = entry;
    const marks = { ...(unreadable ? { unreadable } : {}), ...(erased ? { erased } : {}) };
    page.push({ revision: entry.revision, type, at, role: actor.role, summary, reason, changes, ...marks });
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  yield page;
}
