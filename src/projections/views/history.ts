import { memberNamesWhere } from '../../domain/members.ts';
import { changedBy, describe, type ChangedValue } from '../../events/catalogue.ts';
import { toDomainEvent } from '../../events/domainEvent.ts';
import { EventFault } from '../../events/eventErrors.ts';
import type { RecordedEvent } from '../../events/eventStore.ts';
import type { Row } from '../ports/rows.ts';
import type { RowView } from '../ports/view.ts';

/** One event of a person or user, as answers show it. */
export interface HistoryEntry {
  /** Decimal. */
  position: string;
  /** `persona-5`, `user-15` */
  subject: string;
  revision: number;
  type: string;
  /** RFC 3339 instant in UTC with milliseconds. */
  at: string;
  /** `account` is null where it was erased with the event. */
  actor: { account: string | null; role: string };
  correlation: string;
  request: string;
  summary: string;
  reason: string | null;
  changes: Change[];
  /** Set if the stored event does not match its type, so its changes are unknown. */
  unreadable?: true;
  /** Set where the event was erased with its subject: neither account, reason nor changes are left. */
  erased?: true;
}

/** Credentials show as `***`. */
export type Change = ChangedValue;

/** The kinds of index keys of a history row; see keyOf. */
export type KeyName = 'type' | 'actor' | 'subject' | 'correlation' | 'field';

interface KeyKind {
  /**
   * Keys by value, for a kind with few values: the index groups rows by key, and a text that is used
   * again needs no new hash.
   */
  cache?: Map<string, string>;
  /** The values by which an entry is found. */
  valuesOf(entry: HistoryEntry): string[];
  /** The first version of the view whose rows have it. A new kind needs a new version: the view is rebuilt. */
  since: number;
}

/** A row for each kind of key. The index and the filter of entries that are read from a stream derive from it. */
const KEYS: Record<KeyName, KeyKind> = {
  subject: { since: 1, valuesOf: ({ subject }) => [subject] },
  correlation: { since: 1, valuesOf: ({ correlation }) => [correlation] },
  actor: {
    since: 1,
    cache: new Map(),
    valuesOf: ({ actor }) => (actor.account === null ? [] : [actor.account]),
  },
  type: { since: 1, cache: new Map(), valuesOf: ({ type }) => [type] },
  field: { since: 1, cache: new Map(), valuesOf: ({ changes }) => changes.map(({ field }) => field) },
};

const KEY_NAMES = Object.keys(KEYS) as KeyName[];

/** Whether an entry is found by this value. */
export const hasValue = (entry: HistoryEntry, name: KeyName, value: string): boolean =>
  KEYS[name].valuesOf(entry).includes(value);

/** The index key shared by all entries with this value. */
export const keyOf = (name: KeyName, value: string): string => `${name}:${value}`;

/**
 * The history of persons and users: one entry per event, found by type, actor, subject, correlation
 * and changed field. It never parks a subject, because an entry needs no state.
 */
export const history: RowView = {
  name: 'history',
  version: Math.max(...Object.values(KEYS).map(({ since }) => since)),
  prefixes: ['persona-', 'user-'],
  rowOf(recorded) {
    const entry = entryOf(recorded);
    return (
      entry && {
        position: recorded.position,
        at: Date.parse(entry.at),
        keys: keysOf(entry),
        json: JSON.stringify(entry),
      }
    );
  },
  keysIn: (json) => keysOf(JSON.parse(json) as HistoryEntry),
};

/**
 * An event's entry; null for a lapsed reservation. An unreadable event has an entry that says so,
 * without changes. Throws UnknownEventError for what only a newer padron can read.
 */
export function entryOf(recorded: RecordedEvent): HistoryEntry | null {
  const { account } = recorded.metadata.actor;
  try {
    const event = toDomainEvent(recorded);
    if (!event) return null;
    const summary = describe(event, recorded.metadata);
    if (event.type === 'Erased') {
      return { ...entryAt(recorded, { account: null, summary, reason: null, changes: [] }), erased: true };
    }
    const reason = event.type === 'SubjectErased' ? event.data.reason : reasonIn(recorded);
    return entryAt(recorded, { account, summary, reason, changes: changedBy(event).map(maskedChange) });
  } catch (error) {
    if (!(error instanceof EventFault)) throw error;
    const said = { account, summary: 'This event cannot be read.', reason: reasonIn(recorded), changes: [] };
    return { ...entryAt(recorded, said), unreadable: true };
  }
}

const reasonIn = ({ metadata }: RecordedEvent): string | null => metadata.reason ?? null;

/** An entry in one literal: spreading its place into it took a twelfth of a rebuild. */
const entryAt = (
  { position, stream, revision, type, metadata }: RecordedEvent,
  {
    account,
    summary,
    reason,
    changes,
  }: Pick<HistoryEntry, 'summary' | 'reason' | 'changes'> & Pick<HistoryEntry['actor'], 'account'>,
): HistoryEntry => ({
  position: String(position),
  subject: stream,
  revision,
  type,
  at: metadata.occurredAt,
  actor: { account, role: metadata.actor.role },
  correlation: metadata.$correlationId,
  request: metadata.requestId,
  summary,
  reason,
  changes,
});

/** Values cached per kind; further ones are not. */
const MAX_CACHED = 1_000;

function cachedKeyOf(name: KeyName, value: string): string {
  const { cache } = KEYS[name];
  const known = cache?.get(value);
  if (known !== undefined) return known;
  const key = keyOf(name, value);
  if (cache && cache.size < MAX_CACHED) cache.set(value, key);
  return key;
}

/** Loops, because lists of lists took a tenth of a rebuild. */
function keysOf(entry: HistoryEntry): Row['keys'] {
  const keys: string[] = [];
  for (const name of KEY_NAMES) {
    for (const value of KEYS[name].valuesOf(entry)) keys.push(cachedKeyOf(name, value));
  }
  return keys;
}

const SECRET = memberNamesWhere(({ secret }) => secret);

/** A change as the history may hold it: secrets are masked before anything is stored. Not a copy where nothing is. */
const maskedChange = (change: ChangedValue): Change =>
  SECRET.has(change.field)
    ? { field: change.field, before: masked(change.before), after: masked(change.after) }
    : change;

/** The same of two values, for what is made of states instead of events. */
export const changeOf = (field: string, before: unknown, after: unknown): Change =>
  maskedChange({ field, before, after });

const masked = (value: unknown): '***' | null => (value === null ? null : '***');
