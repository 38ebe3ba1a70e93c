import { inParallel } from '../../platform/concurrency/inParallel.ts';
import {
  isBeyond,
  type EventStore,
  type ReadStreamsOptions,
  type RecordedEvent,
  type StreamStart,
} from '../eventStore.ts';

/** See EventStore.readStreams, for a store that reads stream by stream: at most `atOnce` at a time. */
export async function readEach(
  { readStream }: Pick<EventStore, 'readStream'>,
  starts: readonly StreamStart[],
  { horizon, limit, withData = true, deadline, atOnce }: ReadStreamsOptions & { atOnce: number },
): Promise<RecordedEvent[][]> {
  const found = starts.map((): RecordedEvent[] => []);
  await inParallel([...starts.entries()], atOnce, async ([index, { stream, from }]) => {
    const events = await readStream(stream, { from, limit, deadline });
    const end = events.findIndex((event) => isBeyond(event, horizon));
    const within = end < 0 ? events : events.slice(0, end);
    found[index] = withData ? within : within.map((event) => ({ ...event, data: {} }));
  });
  return found;
}
