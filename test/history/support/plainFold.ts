import {
  applyRecorded,
  endsSubject,
  NOTHING_LOADED,
  type Aggregate,
  type Loaded,
} from '../../../src/domain/aggregate.ts';
import { readSkips } from '../../../src/events/bookkeeping/skips.ts';
import { eventsOf, type EventStore } from '../../../src/events/eventStore.ts';
import type { AsOf, PointInTime } from '../../../src/history/asOf.ts';

/** What `asOf` promises, without anything kept: a fold of the whole stream from its start. */
export async function plainAsOf<State>(
  store: Pick<EventStore, 'readStream'>,
  aggregate: Aggregate<State>,
  stream: string,
  moment: PointInTime,
): Promise<AsOf<State>> {
  const skips = await readSkips(store);
  let loaded: Loaded<State> = NOTHING_LOADED;
  let isEmpty = true;
  for await (const event of eventsOf(store, stream)) {
    isEmpty = false;
    if (endsSubject(event)) return { missing: 'erased' };
    const isLater =
      'at' in moment ? Date.parse(event.metadata.occurredAt) > moment.at : event.revision > moment.revision;
    if (isLater) break;
    loaded = applyRecorded(aggregate, loaded, event, skips);
  }
  if (isEmpty) return { missing: 'unknown' };
  if ('revision' in moment && loaded.revision < moment.revision) return { missing: 'beyond-last' };
  const { state, began } = loaded;
  if (state) return { loaded: { ...loaded, state } };
  return { missing: began ? 'after-removal' : 'before-first' };
}
