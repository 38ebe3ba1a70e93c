import type { RecordedEvent } from '../../../eventStore.ts';
import { isOwnStream } from '../../../streams.ts';
import { toRecorded, type EventLog } from '../log/eventLog.ts';

/** The next `limit` of padron's own events: other tools may have added to the file. */
export function ownEvents(log: Pick<EventLog, 'readRows'>, after: number, limit: number): RecordedEvent[] {
  const found: RecordedEvent[] = [];
  for (let position = after; found.length < limit;) {
    const rows = log.readRows(position, limit);
    const own = rows.filter(({ stream }) => isOwnStream(stream)).slice(0, limit - found.length);
    found.push(...own.map(toRecorded));
    const last = rows.at(-1);
    if (!last || rows.length < limit) break;
    position = last.position;
  }
  return found;
}
