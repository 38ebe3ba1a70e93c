import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent } from '../../src/events/eventStore.ts';
import { newEvent, systemOrigin } from '../../src/events/newEvent.ts';

/** Events per append. */
const APPENDED_AT_ONCE = 2_000;

/** Appends `count` updates to a person's stream, bypassing the command side, so that the log takes a while to read. */
export async function manyUpdates(store: EventStore, stream: string, count: number): Promise<void> {
  const [last] = await store.readStream(stream, { backwards: true, limit: 1 });
  if (!last) throw new Error(`${stream} has no event yet`);
  const update = (index: number): NewEvent => {
    const changes = { telefono: { from: String(index), to: String(index + 1) } };
    const id = randomUUID();
    return newEvent(
      id,
      { type: 'PersonaProfileUpdated', data: { changes } },
      systemOrigin(id),
      last.metadata.occurredAt,
    );
  };
  for (let written = 0; written < count; written += APPENDED_AT_ONCE) {
    const events = Array.from({ length: Math.min(APPENDED_AT_ONCE, count - written) }, (_, i) =>
      update(written + i),
    );
    const result = await store.append([{ stream, expected: last.revision + written, events }]);
    if (result.outcome !== 'appended') throw new Error('another writer got in between');
  }
}
