import { setImmediate as nextTick } from 'node:timers/promises';
import type { EventStore, Position, RecordedEvent } from '../events/eventStore.ts';
import { subjectOf } from '../events/streams.ts';

const PAGE = 1_000;

/**
 * The events of persons and users with this correlation, in log order. Reads the whole log, which has
 * no index by correlation; the history view has one, but may be behind.
 */
export async function* correlatedEvents(
  store: Pick<EventStore, 'readAll'>,
  correlation: string,
): AsyncGenerator<RecordedEvent> {
  let after: Position | null = null;
  for (;;) {
    const page: RecordedEvent[] = await store.readAll(after, PAGE);
    for (const event of page)
      if (event.metadata.$correlationId === correlation && subjectOf(event.stream)) yield event;
    if (page.length < PAGE) return;
    after = page.at(-1)?.position ?? null;
    await nextTick();
  }
}
