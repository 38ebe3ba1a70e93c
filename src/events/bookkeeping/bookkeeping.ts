import { BOOKKEEPING_EVENTS } from '../catalogue.ts';
import { presentData, UnknownEventError } from '../domainEvent.ts';
import type { RecordedEvent } from '../eventStore.ts';
import type { Check } from '../shapes.ts';
import type { BookkeepingEvent } from '../types.ts';

type DataOf<Type extends BookkeepingEvent['type']> = Extract<BookkeepingEvent, { type: Type }>['data'];

/**
 * The data of a stored bookkeeping event in its current shape. `types`: the types allowed in its
 * stream. Throws UnknownEventError for any other type, for a schema version of a newer padron, and
 * for data of another shape: nothing may be decided on unreadable data.
 */
export function bookkeepingEvent<Type extends BookkeepingEvent['type']>(
  recorded: RecordedEvent,
  types: readonly Type[],
): { [T in Type]: { type: T; data: DataOf<T> } }[Type] {
  const type = types.find((one) => one === recorded.type);
  if (type === undefined) throw new UnknownEventError(recorded);
  const { upcasts, shape } = BOOKKEEPING_EVENTS[type];
  const data = presentData(recorded, upcasts);
  if (!hasShape(data, shape)) throw new UnknownEventError(recorded);
  return { type, data } as { [T in Type]: { type: T; data: DataOf<T> } }[Type];
}

/** The data of a bookkeeping event of one type. Errors as for bookkeepingEvent. */
export const bookkeepingData = <Type extends BookkeepingEvent['type']>(
  recorded: RecordedEvent,
  type: Type,
): DataOf<Type> => bookkeepingEvent(recorded, [type]).data;

const hasShape = (data: unknown, shape: Record<string, Check>): boolean =>
  typeof data === 'object' &&
  data !== null &&
  Object.entries(shape).every(([member, isRight]) => isRight((data as Record<string, unknown>)[member]));
