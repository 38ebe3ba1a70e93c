import { UnreadableData } from './codec.ts';
import { EventFault } from './eventErrors.ts';
import { describeChange } from './sentences.ts';
import {
  expectChanges,
  expectRecord,
  id,
  isText,
  isTextOrNull,
  PERSONA,
  PERSONA_FIELDS,
  revision,
  text,
  USER,
  USER_FIELDS,
  type Check,
  areEntries,
  isActor,
} from './shapes.ts';
import type { SubjectKind } from './streams.ts';
import type {
  BookkeepingEvent,
  EventMetadata,
  EventsOf,
  FoldedMetadata,
  HistoryEvent,
  ReadEvent,
  SubjectErased,
} from './types.ts';

/** Converts the data of one schema version to the next. Pure; stored events are never changed. */
export type Upcast<Metadata = EventMetadata> = (older: object, metadata: Metadata) => object;

interface Versions<Metadata = EventMetadata> {
  /**
   * The schema version in which this padron writes it. A new version ships readable first (as an
   * upcast, with the same `written`) and is written a release later, so that instances of both
   * releases can run side by side.
   */
  written: number;
  /**
   * The steps from version 1 to 2, from 2 to 3, and so on. With each new one, a sample of the older
   * shape stays in test/fixtures for good (docs/how-to/change-an-event.md).
   */
  upcasts: readonly Upcast<Metadata>[];
}

/** A member's value before and after an event; `before` is null in a subject's first event. */
export interface ChangedValue {
  field: string;
  before: unknown;
  after: unknown;
}

/** One type of event in the streams of subjects. */
interface HistoryRow<Kind extends SubjectKind | null, Data> extends Versions<FoldedMetadata> {
  /** The kind of its subjects; null for all. */
  kind: Kind;
  /** What it does to its subject. */
  effect: 'register' | 'edit' | 'remove' | 'erase';
  /** Throws EventFault, naming the member, for data that lacks the current shape. */
  expectShape(data: unknown): void;
  /** Names members but never their values: summaries are shared more easily than records. */
  sentence(data: Data, revertTo: number | undefined): string;
  /** The values as stored, credentials included. */
  changes(data: Data): ChangedValue[];
}

/** One type of bookkeeping event. */
interface BookkeepingRow<Data> extends Versions {
  /** The checks of each member; other members are ignored. */
  shape: Record<keyof Data, Check>;
}

type RowsOf<Kind extends SubjectKind> = {
  [Event in EventsOf[Kind] as Event['type']]: HistoryRow<Kind, Event['data']>;
};
type HistoryRows = RowsOf<'persona'> &
  RowsOf<'user'> & { SubjectErased: HistoryRow<null, SubjectErased['data']> };
type BookkeepingRows = { [Event in BookkeepingEvent as Event['type']]: BookkeepingRow<Event['data']> };

/** The conversions of each event type; a table of rows supplies them. */
export type Upcasts<Type extends string> = Readonly<Record<Type, Pick<Versions, 'upcasts'>>>;

const FIRST = { written: 1, upcasts: [] } as const;

/**
 * Every type of event in a subject's history, one row each. Reading, writing, summaries, histories,
 * audit filters and undoing derive from the rows.
 */
export const HISTORY_EVENTS: HistoryRows = {
  PersonaRegistered: {
    ...FIRST,
    kind: 'persona',
    effect: 'register',
    expectShape: (data) => {
      expectRecord(data, PERSONA);
    },
    sentence: () => 'The person was registered.',
    changes: (data) => firstValues(data, 'id'),
  },
  PersonaProfileUpdated: {
    ...FIRST,
    kind: 'persona',
    effect: 'edit',
    expectShape: (data) => {
      expectChanges(data, PERSONA_FIELDS);
    },
    sentence: ({ changes }, revertTo) => describeChange("The person's", Object.keys(changes), revertTo),
    changes: ({ changes }) => changedValues(changes),
  },
  UserRegistered: {
    ...FIRST,
    kind: 'user',
    effect: 'register',
    expectShape: (data) => {
      expectRecord(data, USER);
    },
    sentence: () => 'The user was registered.',
    changes: (data) => firstValues(data, 'IdUsuario'),
  },
  UserEdited: {
    ...FIRST,
    kind: 'user',
    effect: 'edit',
    expectShape: (data) => {
      expectChanges(data, USER_FIELDS);
    },
    sentence: ({ changes }, revertTo) => describeChange("The user's", Object.keys(changes), revertTo),
    changes: ({ changes }) => changedValues(changes),
  },
  UserRemoved: {
    ...FIRST,
    kind: 'user',
    effect: 'remove',
    expectShape: (data) => {
      expectRecord(data, {});
    },
    sentence: () => 'The user was taken off the roll.',
    changes: () => [],
  },
  SubjectErased: {
    ...FIRST,
    kind: null,
    effect: 'erase',
    expectShape: (data) => {
      expectRecord(data, { erasure: text, key: text, reason: text });
    },
    sentence: () => 'All that was stored of this subject was erased.',
    changes: () => [],
  },
};

const ERASURE = { erasure: isText, subject: isText, revision };

/** Every type of bookkeeping event, one row each. */
export const BOOKKEEPING_EVENTS: BookkeepingRows = {
  IdAllocated: { ...FIRST, shape: { id } },
  ValueClaimed: { ...FIRST, shape: { owner: isText, revision } },
  // Also occurs in a subject's stream, where it only occupies a revision.
  ReservationLapsed: { ...FIRST, shape: { reservation: isText } },
  CommandBegun: {
    ...FIRST,
    shape: {
      route: isText,
      bodyHash: isText,
      target: isText,
      revision: (value) => value === -1 || revision(value),
    },
  },
  CommandSettled: { ...FIRST, shape: {} },
  SettingsFixed: {
    written: 2,
    // Version 1 has no `sealedBy`: such logs are in clear.
    upcasts: [(older) => ({ ...older, sealedBy: null })],
    shape: { key: isTextOrNull, fingerprint: isText, sealedBy: isTextOrNull },
  },
  EventSkipped: {
    written: 2,
    upcasts: [withViewAndSubject],
    shape: { view: isText, subject: isText, revision, reason: isTextOrNull },
  },
  RollFixed: {
    ...FIRST,
    shape: { kind: (value) => value === 'users' || value === 'personas', at: isText },
  },
  RollNamed: { ...FIRST, shape: { fixed: revision, name: isText, count: revision, digest: isText } },
  ErasureBegun: {
    ...FIRST,
    shape: { ...ERASURE, key: isText, reason: isText, by: isActor, rolls: areEntries },
  },
  ErasureProved: { ...FIRST, shape: ERASURE },
};

/**
 * Version 1 of EventSkipped named the view `projection` and the subject `stream`; its metadata had
 * the reason.
 */
function withViewAndSubject(older: object, { reason }: EventMetadata): object {
  const { projection, stream, revision: skipped } = older as Record<string, unknown>;
  return { view: projection, subject: stream, revision: skipped, reason: reason ?? 'no reason given' };
}

/** The initial values of a record; its id is part of the subject's name. */
const firstValues = (record: object, idMember: string): ChangedValue[] =>
  Object.entries(record)
    .filter(([field]) => field !== idMember)
    .map(([field, after]: [string, unknown]) => ({ field, before: null, after }));

const changedValues = (changes: Record<string, { from: unknown; to: unknown }>): ChangedValue[] =>
  Object.entries(changes).map(([field, { from, to }]) => ({ field, before: from, after: to }));

const ROWS: Readonly<Record<HistoryEvent['type'], HistoryRow<SubjectKind | null, object>>> = HISTORY_EVENTS;

const EVENTS = { ...HISTORY_EVENTS, ...BOOKKEEPING_EVENTS };

/** The types of a subject's history. */
export const HISTORY_TYPES = Object.keys(HISTORY_EVENTS) as HistoryEvent['type'][];

/** See Versions. */
export const writtenVersion = (type: (HistoryEvent | BookkeepingEvent)['type']): number =>
  EVENTS[type].written;

/** Throws EventFault, naming the member, for data that lacks the current shape of its event type. */
export function expectShape(type: HistoryEvent['type'], data: unknown): void {
  if (data instanceof UnreadableData) throw new EventFault('its data is not a JSON object');
  ROWS[type].expectShape(data);
}

/** Summarises an event in one sentence for a timeline. `revertTo` is the event metadata's. */
export const describe = (event: ReadEvent, { revertTo }: Pick<EventMetadata, 'revertTo'> = {}): string =>
  event.type === 'Erased'
    ? 'What this event said was erased.'
    : ROWS[event.type].sentence(event.data, revertTo);

/** The values that an event changed, as stored. */
export const changedBy = ({ type, data }: HistoryEvent): ChangedValue[] => ROWS[type].changes(data);

/** What an event of this type does to its subject; null for a type that this padron does not know. */
export const effectOf = (type: string): HistoryRow<null, object>['effect'] | null =>
  Object.hasOwn(ROWS, type) ? ROWS[type as HistoryEvent['type']].effect : null;

/** Whether this is an event of subjects of this kind. */
export const isOf = <Kind extends SubjectKind>(
  kind: Kind,
  event: EventsOf[SubjectKind],
): event is EventsOf[Kind] => ROWS[event.type].kind === kind;
