import { presentData, UnknownEventError } from '../domainEvent.ts';
import type { RecordedEvent } from '../eventStore.ts';
import type { BookkeepingEvent } from '../types.ts';
import { BOOKKEEPING_UPCASTS, type BookkeepingUpcasts } from '../upcasts.ts';

type DataOf<Type extends BookkeepingEvent['type']> = Extract<BookkeepingEvent, { type: Type }>['data'];

/**
 * The data of a stored bookkeeping event in its current shape. `types`: the types allowed in its
 * stream. Throws UnknownEventError for any other type, for a schema version of a newer padron, and
 * for data of another shape: nothing may be decided on unreadable data.
 */
export function bookkeepingEvent<Type extends BookkeepingEvent['type']>(
  recorded: RecordedEvent,
  types: readonly Type[],
  upcasts: BookkeepingUpcasts = BOOKKEEPING_UPCASTS,
): { [T in Type]: { type: T; data: DataOf<T> } }[Type] {
  const type = types.find((one) => one === recorded.type);
  if (type === undefined) throw new UnknownEventError(recorded);
  const data = presentData(recorded, upcasts[type]);
  if (!hasShape(data, SHAPES[type])) throw new UnknownEventError(recorded);
  return { type, data } as { [T in Type]: { type: T; data: DataOf<T> } }[Type];
}

/** The data of a bookkeeping event of one type. Errors as for bookkeepingEvent. */
export const bookkeepingData = <Type extends BookkeepingEvent['type']>(
  recorded: RecordedEvent,
  type: Type,
): DataOf<Type> => bookkeepingEvent(recorded, [type]).data;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string' && value !== '';
const isTextOrNull: Check = (value) => value === null || isText(value);
const isId: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isRevision: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

/** The checks of each member; other members are ignored. */
const SHAPES: { [Type in BookkeepingEvent['type']]: Record<keyof DataOf<Type>, Check> } = {
  IdAllocated: { id: isId },
  ValueClaimed: { owner: isText, revision: isRevision },
  ReservationLapsed: { reservation: isText },
  CommandBegun: {
    route: isText,
    bodyHash: isText,
    target: isText,
    revision: (value) => value === -1 || isRevision(value),
  },
  CommandSettled: {},
  SettingsFixed: { key: isTextOrNull, fingerprint: isText, sealedBy: isTextOrNull },
  EventSkipped: { view: isText, subject: isText, revision: isRevision, reason: isText },
  RollFixed: { kind: (value) => value === 'users' || value === 'personas', at: isText },
  RollNamed: { fixed: isRevision, name: isText, count: isRevision, digest: isText },
};

const hasShape = (data: unknown, shape: Record<string, Check>): boolean =>
  typeof data === 'object' &&
  data !== null &&
  Object.entries(shape).every(([member, isRight]) => isRight((data as Record<string, unknown>)[member]));
